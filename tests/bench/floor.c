/* The least that a full-screen program can do: ncurses, 40 rows, three cells that change
 * once a second. The floor beside which the console is measured. */
#include <curses.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1;

	initscr();
	raw();
	noecho();
	keypad(stdscr, TRUE);
	timeout(1000);
	for (int round = 0; round < rounds; round++) {
		for (int y = 0; y < LINES - 1 && y < 40; y++)
			mvprintw(y, 0,
				 "%5d/tcp service-%d   any v4+v6   process-%d   0/128", y,
				 y, y);
		mvprintw(0, 40, "%03d", round % 1000);
		refresh();
		if (getch() == 'q')
			break;
	}
	endwin();
	return 0;
}

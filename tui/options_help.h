/* What is printed in place of a command: help, keys. Each returns 0 or an exit code. */
#ifndef TUI_OPTIONS_HELP_H
#define TUI_OPTIONS_HELP_H

int options_print_short_help(void); /* -h */
int options_print_help(void);       /* --help */
int options_print_keys_for_man(void);
/* What was printed has left us: 0, or an exit code after one sentence. */
int options_end_document(void);

#endif

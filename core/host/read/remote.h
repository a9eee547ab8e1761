/* The user who called us, for a program that is his: ssh(1). And files that he named. */
#ifndef CORE_HOST_REMOTE_H
#define CORE_HOST_REMOTE_H

/*
 * remote_user.c: this process becomes the user who called (by sudo(8): the one who called
 * that), with his home and nothing of ours: no capability, NO_NEW_PRIVS, ordinary signals,
 * and of the environment only what his ssh needs. For good. 0 or -errno: then it must end.
 */
int remote_become_caller(void);

#endif

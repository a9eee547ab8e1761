/* What this process may do, and giving it up. capabilities(7). */
#ifndef CORE_HOST_RIGHTS_H
#define CORE_HOST_RIGHTS_H

#include <stdbool.h>

/* True if the program runs with more rights than its caller has by himself or as root: euid
 * 0, setuid or file capabilities. */
bool rights_is_privileged(void);

/* Removes what could steer libraries from the environment: TERMINFO*, TERMCAP, LD_*,
 * LOCPATH, NLSPATH, ... Called first when rights_is_privileged(). */
void rights_clean_environment(void);

/*
 * True: files are opened as the caller could by himself, whatever the program's file has
 * been given; false: as before. Root, and who has no more than he came with, notice
 * nothing. Not in threads.
 */
void rights_act_as_caller(bool is_caller);

/*
 * Gives up everything for good and verifies it: as root becomes nobody (65534) without
 * groups; else keeps the real uid, and so does a root who may not change his (a container
 * without CAP_SETUID, a user namespace of one user); clears permitted, effective,
 * inheritable, ambient and bounding capabilities; sets NO_NEW_PRIVS; not dumpable. Returns
 * 0 or -errno; the caller must exit if it fails.
 */
int rights_drop(void);

#endif

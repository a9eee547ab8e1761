/* Opening what lies beneath a directory, and nowhere else. openat2(2). */
#ifndef CORE_HOST_OPEN_BENEATH_H
#define CORE_HOST_OPEN_BENEATH_H

/*
 * For reading, and nothing waits for a FIFO or device. No link is followed and nothing
 * above dir_fd is reached. path is relative. A descriptor or -errno (-ELOOP, -EXDEV, ...).
 */
int open_beneath(int dir_fd, const char *path, int flags);
/* The same on kernels without openat2(2). */
int open_beneath_by_parts(int dir_fd, const char *path, int flags);
/*
 * As a process sees it whose root directory root_fd is: links within it are followed as
 * it would. Only to be looked at (O_PATH). -ENOSYS on kernels without openat2(2).
 */
int open_in_root(int root_fd, const char *path);

#endif

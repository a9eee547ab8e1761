/* What firewalld keeps of its zones, as it stands in its files. */
#ifndef CORE_HOST_FIREWALLD_FILES_H
#define CORE_HOST_FIREWALLD_FILES_H

#include "core/host/tape/bundle_out.h"

/*
 * Items "file:PATH": the zones and services beneath /etc/firewalld, and the zones that came
 * with it where /etc has none of that name. None where there is no /etc/firewalld. At most
 * 64 files of 16 KiB; what may not be read is an item with its error. root: "" or, for
 * tests, a directory that stands for "/". 0 or the sticky error of out.
 */
int firewalld_files_put(struct bundle_out *out, const char *root);

#endif

/* The program's version, in one place. */
#ifndef CORE_BASE_VERSION_H
#define CORE_BASE_VERSION_H

#define DPORT_VERSION "0.1.0"

#endif

/* A truth value that keeps its doubt. */
#ifndef CORE_BASE_TRI_H
#define CORE_BASE_TRI_H

enum tri { TRI_NO, TRI_YES, TRI_UNSURE };

#endif

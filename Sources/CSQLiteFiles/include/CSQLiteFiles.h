// SQLite's calls on files, answered by functions of the caller for the files it wants to see.
//
// `sf_register` makes a VFS SQLite's default. It asks `open`, `remove` and `exists` first; where
// they answer SF_ELSEWHERE the VFS that was the default before does the work itself, and a file
// it has opened is not seen here again. Time, sleep, randomness and path names are its too.
//
// Locks always succeed and there is no shared memory: the caller locks the whole warehouse, and
// the write-ahead mode therefore needs `PRAGMA locking_mode = EXCLUSIVE` before the first read.
#ifndef SLICEHOUSE_CSQLITEFILES_H
#define SLICEHOUSE_CSQLITEFILES_H

#include <stdint.h>

// What every function answers.
#define SF_OK 0
#define SF_ELSEWHERE 1         // Not a file of the caller's.
#define SF_FAILED 2            // An input/output error.
#define SF_FULL 3              // The disk is full.
#define SF_MISSING 4           // There is no such file.
#define SF_DIRECTORY_FAILED 5  // The file is synced; its directory could not be.

// How `open` is to open.
#define SF_WRITES 1
#define SF_CREATES 2
#define SF_LOG 4  // A journal or log: its name must be safe once its contents are.

typedef struct sf_calls {
    int (*open)(const char *path, int how, void **file, int *is_read_only);
    void (*close)(void *file);
    // `done` is how many bytes there were; fewer than `count` at the end of the file.
    int (*read)(void *file, void *bytes, int count, int64_t offset, int *done);
    int (*write)(void *file, const void *bytes, int count, int64_t offset);
    int (*truncate)(void *file, int64_t byte_count);
    int (*sync)(void *file);
    int (*size)(void *file, int64_t *byte_count);
    int (*remove)(const char *path, int syncs_directory);
    int (*exists)(const char *path, int *found);
} sf_calls;

// Makes the VFS the default, once; later calls only answer. 0, or SQLite's result code.
// Not to be called by two threads at once. `calls` is copied.
int sf_register(const sf_calls *calls);

// The path as SQLite will name it in calls; 0, or SQLite's result code.
int sf_full_path(const char *path, char *full, int capacity);

#endif

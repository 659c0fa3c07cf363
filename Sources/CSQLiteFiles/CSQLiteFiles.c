#include "CSQLiteFiles.h"

#include <sqlite3.h>
#include <string.h>

// A file of the caller's, in the memory SQLite gives for it.
typedef struct sf_file {
    sqlite3_file base;
    void *file;
} sf_file;

static sf_calls calls;
static sqlite3_vfs vfs;
static sqlite3_vfs *former;

// SQLite's code for an answer; `failed` is the operation's own.
static int code(int answer, int failed) {
    switch (answer) {
    case SF_OK: return SQLITE_OK;
    case SF_FULL: return SQLITE_FULL;
    case SF_DIRECTORY_FAILED: return SQLITE_IOERR_DIR_FSYNC;
    default: return failed;
    }
}

static int file_close(sqlite3_file *base) {
    sf_file *file = (sf_file *)base;
    calls.close(file->file);
    file->file = NULL;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset) {
    int done = 0;
    int answer = calls.read(((sf_file *)base)->file, bytes, count, offset, &done);
    if (answer != SF_OK) return SQLITE_IOERR_READ;
    if (done == count) return SQLITE_OK;
    // SQLite wants zeros for what is not there.
    memset((char *)bytes + done, 0, (size_t)(count - done));
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    return code(calls.write(((sf_file *)base)->file, bytes, count, offset), SQLITE_IOERR_WRITE);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 byte_count) {
    return code(calls.truncate(((sf_file *)base)->file, byte_count), SQLITE_IOERR_TRUNCATE);
}

static int file_sync(sqlite3_file *base, int flags) {
    (void)flags;
    // A full disk that shows only in a sync is a failed sync all the same.
    int answer = calls.sync(((sf_file *)base)->file);
    return code(answer == SF_FULL ? SF_FAILED : answer, SQLITE_IOERR_FSYNC);
}

static int file_size(sqlite3_file *base, sqlite3_int64 *byte_count) {
    int64_t found = 0;
    int answer = calls.size(((sf_file *)base)->file, &found);
    *byte_count = found;
    return code(answer, SQLITE_IOERR_FSTAT);
}

static int file_lock(sqlite3_file *base, int level) {
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int file_check_reserved_lock(sqlite3_file *base, int *is_reserved) {
    (void)base;
    *is_reserved = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    (void)base;
    (void)operation;
    (void)argument;
    return SQLITE_NOTFOUND;
}

// The two that follow answer as SQLite's own VFS for Unix does, so that tests see its calls.
static int file_sector_size(sqlite3_file *base) {
    (void)base;
    return 4096;
}

static int file_device_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_device_characteristics,
};

static int vfs_open(sqlite3_vfs *self, sqlite3_filename path, sqlite3_file *base, int flags,
                    int *flags_out) {
    (void)self;
    // A file without a name is SQLite's own and temporary.
    if (path == NULL) return former->xOpen(former, path, base, flags, flags_out);
    int how = 0;
    if (flags & SQLITE_OPEN_READWRITE) how |= SF_WRITES;
    if (flags & SQLITE_OPEN_CREATE) how |= SF_CREATES;
    if (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) {
        how |= SF_LOG;
    }
    sf_file *file = (sf_file *)base;
    file->base.pMethods = NULL;
    file->file = NULL;
    int is_read_only = 0;
    int answer = calls.open(path, how, &file->file, &is_read_only);
    if (answer == SF_ELSEWHERE) return former->xOpen(former, path, base, flags, flags_out);
    if (answer != SF_OK) return code(answer, SQLITE_CANTOPEN);
    file->base.pMethods = &methods;
    if (flags_out != NULL) {
        *flags_out = flags;
        if (is_read_only) {
            *flags_out &= ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
            *flags_out |= SQLITE_OPEN_READONLY;
        }
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *self, const char *path, int syncs_directory) {
    (void)self;
    int answer = calls.remove(path, syncs_directory);
    if (answer == SF_ELSEWHERE) return former->xDelete(former, path, syncs_directory);
    if (answer == SF_MISSING) return SQLITE_IOERR_DELETE_NOENT;
    return code(answer, SQLITE_IOERR_DELETE);
}

static int vfs_access(sqlite3_vfs *self, const char *path, int flags, int *found) {
    (void)self;
    int answer = calls.exists(path, found);
    if (answer == SF_ELSEWHERE) return former->xAccess(former, path, flags, found);
    return code(answer, SQLITE_IOERR_ACCESS);
}

int sf_register(const sf_calls *given) {
    if (former != NULL) return SQLITE_OK;
    int result = sqlite3_initialize();
    if (result != SQLITE_OK) return result;
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (found == NULL) return SQLITE_ERROR;
    calls = *given;
    // What is not replaced is the former's; its functions look at no more than `pAppData`.
    vfs = *found;
    vfs.pNext = NULL;
    vfs.zName = "slicehouse";
    if (vfs.szOsFile < (int)sizeof(sf_file)) vfs.szOsFile = (int)sizeof(sf_file);
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    former = found;
    result = sqlite3_vfs_register(&vfs, 1);
    if (result != SQLITE_OK) former = NULL;
    return result;
}

int sf_full_path(const char *path, char *full, int capacity) {
    int result = sqlite3_initialize();
    if (result != SQLITE_OK) return result;
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (found == NULL) return SQLITE_ERROR;
    result = found->xFullPathname(found, path, capacity, full);
    return result == SQLITE_OK_SYMLINK ? SQLITE_OK : result;
}

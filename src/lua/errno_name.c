#include "errno_name.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define NAMED(name)                                                                      \
    { name, #name }

/* Those of POSIX.1-2017. If two names have the same value, the first is used for it. */
static const struct {
    int value;
    const char *name;
} errors[] = {
    NAMED(E2BIG),         NAMED(EACCES),          NAMED(EADDRINUSE),
    NAMED(EADDRNOTAVAIL), NAMED(EAFNOSUPPORT),    NAMED(EAGAIN),
    NAMED(EALREADY),      NAMED(EBADF),           NAMED(EBADMSG),
    NAMED(EBUSY),         NAMED(ECANCELED),       NAMED(ECHILD),
    NAMED(ECONNABORTED),  NAMED(ECONNREFUSED),    NAMED(ECONNRESET),
    NAMED(EDEADLK),       NAMED(EDESTADDRREQ),    NAMED(EDOM),
    NAMED(EEXIST),        NAMED(EFAULT),          NAMED(EFBIG),
    NAMED(EHOSTUNREACH),  NAMED(EIDRM),           NAMED(EILSEQ),
    NAMED(EINPROGRESS),   NAMED(EINTR),           NAMED(EINVAL),
    NAMED(EIO),           NAMED(EISCONN),         NAMED(EISDIR),
    NAMED(ELOOP),         NAMED(EMFILE),          NAMED(EMLINK),
    NAMED(EMSGSIZE),      NAMED(ENAMETOOLONG),    NAMED(ENETDOWN),
    NAMED(ENETRESET),     NAMED(ENETUNREACH),     NAMED(ENFILE),
    NAMED(ENOBUFS),       NAMED(ENODEV),          NAMED(ENOENT),
    NAMED(ENOEXEC),       NAMED(ENOLCK),          NAMED(ENOLINK),
    NAMED(ENOMEM),        NAMED(ENOMSG),          NAMED(ENOPROTOOPT),
    NAMED(ENOSPC),        NAMED(ENOSYS),          NAMED(ENOTCONN),
    NAMED(ENOTDIR),       NAMED(ENOTEMPTY),       NAMED(ENOTRECOVERABLE),
    NAMED(ENOTSOCK),      NAMED(ENOTSUP),         NAMED(ENOTTY),
    NAMED(ENXIO),         NAMED(EOPNOTSUPP),      NAMED(EOVERFLOW),
    NAMED(EOWNERDEAD),    NAMED(EPERM),           NAMED(EPIPE),
    NAMED(EPROTO),        NAMED(EPROTONOSUPPORT), NAMED(EPROTOTYPE),
    NAMED(ERANGE),        NAMED(EROFS),           NAMED(ESPIPE),
    NAMED(ESRCH),         NAMED(ETIMEDOUT),       NAMED(ETXTBSY),
    NAMED(EWOULDBLOCK),   NAMED(EXDEV),
/* Those of STREAMS, an option of POSIX that most systems have only in part. */
#ifdef ENODATA
    NAMED(ENODATA),
#endif
#ifdef ENOSR
    NAMED(ENOSR),
#endif
#ifdef ENOSTR
    NAMED(ENOSTR),
#endif
#ifdef ETIME
    NAMED(ETIME),
#endif
#ifndef _WIN32 /* Windows lacks these */
    NAMED(EDQUOT),        NAMED(EMULTIHOP),       NAMED(ESTALE),
#endif
};

enum { ERRORS = sizeof errors / sizeof errors[0] };

const char *xl_errno_name(int value) {
    for (size_t i = 0; i < ERRORS; i++) {
        if (errors[i].value == value) {
            return errors[i].name;
        }
    }
    return NULL;
}

const char *xl_errno_named(xt_text word) {
    if (word.length == 0 || word.bytes[0] != 'E') {
        return NULL; /* fast, for most words */
    }
    for (size_t i = 0; i < ERRORS; i++) {
        const char *name = errors[i].name;
        if (strlen(name) == word.length && memcmp(name, word.bytes, word.length) == 0) {
            return name;
        }
    }
    return NULL;
}

static bool is_of_word(char byte) {
    unsigned char code = (unsigned char)byte;
    return code >= 0x80 || isalnum(code) || byte == '_';
}

/* Whether the `length` bytes from `start` are whole words of `text`. */
static bool is_whole(xt_text text, size_t start, size_t length) {
    size_t end = start + length;
    return (start == 0 || !is_of_word(text.bytes[start - 1])) &&
           (end == text.length || !is_of_word(text.bytes[end]));
}

/* Whether `a` and `b` are equal, except that the case of the first letter may differ. */
static bool is_same_phrase(const char *a, const char *b, size_t length) {
    return tolower((unsigned char)a[0]) == tolower((unsigned char)b[0]) &&
           memcmp(a + 1, b + 1, length - 1) == 0;
}

/* Whether `phrase`, at least two bytes, is in `text`. */
static bool has_phrase(xt_text text, xt_text phrase) {
    for (size_t start = 0; start + phrase.length <= text.length; start++) {
        size_t starts = text.length - phrase.length - start + 1;
        const char *second = memchr(text.bytes + start + 1, phrase.bytes[1], starts);
        if (second == NULL) {
            return false;
        }
        start = (size_t)(second - text.bytes) - 1;
        if (is_same_phrase(second - 1, phrase.bytes, phrase.length) &&
            is_whole(text, start, phrase.length)) {
            return true;
        }
    }
    return false;
}

const char *xl_errno_described(xt_text message) {
    const char *name = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < ERRORS; i++) {
        xt_text description = xt_text_of(strerror(errors[i].value));
        if (description.length > longest && has_phrase(message, description)) {
            longest = description.length;
            name = errors[i].name;
        }
    }
    return name;
}

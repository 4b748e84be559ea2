/*
 * A valid image to corrupt, and the check's message afterwards.
 */
#ifndef SUPPORT_CORRUPTED_H
#define SUPPORT_CORRUPTED_H

#include "image.h"

#include "support_cmocka.h"
#include "support_tracker.h"

/*
 * A full ring of 4 records, oldest first: write timed out, read failed, read succeeded,
 * write cancelled; 6 were recorded. In flight: read in slot 1, read in slot 3, and idle,
 * which is unlisted; slot 2 is free. One denied call.
 */
enum { READ, WRITE, IDLE };

xt_tracker *sound_tracker(void);

/* Runs `corrupt` on a valid image and asserts the check's message. */
#define CHECK_AFTER(message, corrupt)                                                    \
    do {                                                                                 \
        xt_tracker *tracker = sound_tracker();                                           \
        const xt_image *image = xt_tracker_image(tracker);                               \
        xt_header *header = image->header;                                               \
        (void)header;                                                                    \
        corrupt;                                                                         \
        assert_string_equal(verdict_on(image), message);                                 \
        xt_tracker_close(tracker);                                                       \
    } while (0)

#endif

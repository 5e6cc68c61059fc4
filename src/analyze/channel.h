/*
 * channel.h - the messages between daemon, zygote and worker over SOCK_SEQPACKET pairs, and passing
 * descriptors with them.
 *
 *   daemon ──ask_zygote + channel, areas──► zygote          one socket, shared by all analyze
 * threads (a send is atomic) daemon ◄──hello + pidfd, died──────────  zygote  ┐ daemon
 * ──request───────────────────────► worker  ├─     the channel: one pair a worker, so that answers
 * need no matching daemon ◄──answer───────────────────────  worker  ┘
 *
 * Every message is one struct message; what does not apply is 0. Thread: any.
 */
#ifndef ANALYZE_CHANNEL_H
#define ANALYZE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/limits.h"
#include "base/attr.h"

#define CHANNEL_FDS 3 /* most descriptors with one message */

enum message_kind {
    MESSAGE_FORK = 1, /* to the zygote: channel, source and facts descriptors come along */
    MESSAGE_CHECK,   /* to the zygote: a channel comes along; HELLO (pid 0) or REFUSED is the answer
                      */
    MESSAGE_HELLO,   /* from the zygote: pidfd comes along; pid */
    MESSAGE_REFUSED, /* from the zygote: no worker; text says why */
    MESSAGE_DIED,    /* from the zygote: wait_status of the worker */
    MESSAGE_REQUEST, /* to the worker */
    MESSAGE_ANSWER,  /* from the worker: the facts of `sequence` are in the area */
};

struct message {
    uint32_t kind;
    uint32_t language;    /* FORK: prepare this one first; REQUEST: of the file */
    uint64_t sequence;    /* REQUEST, ANSWER */
    uint64_t n_bytes;     /* REQUEST: of the source; FORK: size of the source area */
    uint64_t path_length; /* REQUEST: the path follows the source in the area, with a NUL; FORK:
                             size of the facts area */
    struct analyze_limits
        limits; /* REQUEST; FORK: memory_bytes is the largest a request may ask for */
    int32_t pid;
    int32_t wait_status;
    char text[256]; /* REFUSED: why; HELLO: byte i is 1 when language i is prepared */
};

/** A pair of connected ends, close-on-exec. False with errno set. */
CHECKED bool channel_pair(int ret_ends[2]);

/** Send one message and up to CHANNEL_FDS descriptors (borrowed). Never raises SIGPIPE. False with
 * errno set (EPIPE, ECONNRESET: the other side is gone). */
CHECKED bool channel_send(int fd, const struct message *message, const int *fds, size_t n_fds);

/** The same, but never waits and does not mind if nobody listens. */
void channel_tell(int fd, const struct message *message, const int *fds, size_t n_fds);

enum channel_result { CHANNEL_MESSAGE, CHANNEL_CLOSED, CHANNEL_TIMEOUT, CHANNEL_FAILED };

/**
 * Wait until deadline_ms (monotonic; CLOCK_NEVER: for ever) for one message. Descriptors that came
 * along are the caller's: ret_fds (CHANNEL_FDS places, unused ones -1); NULL: none are accepted. A
 * message of another size, or with unexpected descriptors, is CHANNEL_FAILED.
 */
CHECKED enum channel_result channel_receive(
    int fd, uint64_t deadline_ms, struct message *ret_message, int *ret_fds);

#endif

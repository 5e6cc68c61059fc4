#include "unit.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "analyze/channel.h"
#include "base/clock.h"

struct fixture {
    int ends[2];
    struct message message;
    int fds[CHANNEL_FDS];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    return f != NULL && channel_pair(f->ends) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    attr_close_fd(&f->ends[0]);
    attr_close_fd(&f->ends[1]);
    free(f);
    return 0;
}

static size_t open_descriptors(void)
{
    size_t n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void a_message_arrives_whole_with_its_descriptors(void **state)
{
    struct fixture *f = *state;
    const struct message sent = {.kind = MESSAGE_HELLO, .pid = 7, .sequence = 1};
    const int two[] = {0, 1};
    assert_true(channel_send(f->ends[0], &sent, two, 2));
    assert_int_equal(
        channel_receive(f->ends[1], CLOCK_NEVER, &f->message, f->fds), CHANNEL_MESSAGE);
    assert_memory_equal(&f->message, &sent, sizeof(sent));
    assert_true(f->fds[0] > 2 && f->fds[1] > 2);
    assert_int_equal(f->fds[2], -1);
    assert_int_equal(fcntl(f->fds[0], F_GETFD), FD_CLOEXEC);
    close(f->fds[0]);
    close(f->fds[1]);
}

static void nothing_before_the_deadline_is_a_timeout(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        channel_receive(f->ends[1], clock_monotonic_ms(), &f->message, NULL), CHANNEL_TIMEOUT);
    assert_int_equal(
        channel_receive(f->ends[1], clock_monotonic_ms() + 5, &f->message, NULL), CHANNEL_TIMEOUT);
}

static void the_other_end_closed_is_said(void **state)
{
    struct fixture *f = *state;
    close(f->ends[0]);
    f->ends[0] = -1;
    assert_int_equal(channel_receive(f->ends[1], CLOCK_NEVER, &f->message, NULL), CHANNEL_CLOSED);
    assert_int_equal(channel_receive(f->ends[1], clock_monotonic_ms() + 1000, &f->message, NULL),
        CHANNEL_CLOSED);
    assert_false(channel_send(f->ends[1], &f->message, NULL, 0)); /* and no SIGPIPE */
}

static void a_message_of_another_size_is_refused(void **state)
{
    struct fixture *f = *state;
    char bytes[2 * sizeof(struct message)] = "";
    assert_true(send(f->ends[0], bytes, 3, 0) == 3);
    assert_int_equal(channel_receive(f->ends[1], CLOCK_NEVER, &f->message, NULL), CHANNEL_FAILED);
    assert_true(send(f->ends[0], bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
    assert_int_equal(channel_receive(f->ends[1], CLOCK_NEVER, &f->message, NULL), CHANNEL_FAILED);
}

static void descriptors_that_nobody_wants_are_closed(void **state)
{
    struct fixture *f = *state;
    const int one[] = {0};
    size_t before = open_descriptors();
    assert_true(channel_send(f->ends[0], &f->message, one, 1));
    assert_int_equal(channel_receive(f->ends[1], CLOCK_NEVER, &f->message, NULL), CHANNEL_FAILED);
    assert_int_equal(open_descriptors(), before);
}

/* sendmsg() with n_fds copies of descriptor 0, as channel_send() would never do it. */
static void send_many(int fd, const struct message *message, size_t n_fds)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(16 * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = sizeof(*message)};
    struct msghdr out = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space};
    out.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&out);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
    assert_true(sendmsg(fd, &out, 0) > 0);
}

static void more_descriptors_than_places_do_no_harm(void **state)
{
    struct fixture *f = *state;
    struct {
        int fds[CHANNEL_FDS];
        int guard;
    } places = {.guard = 77};
    for (size_t n_fds = CHANNEL_FDS + 1; n_fds <= 16; n_fds++) {
        size_t before = open_descriptors();
        send_many(f->ends[0], &f->message, n_fds);
        enum channel_result result =
            channel_receive(f->ends[1], CLOCK_NEVER, &f->message, places.fds);
        assert_int_equal(places.guard, 77);
        for (size_t i = 0; i < CHANNEL_FDS; i++)
            attr_close_fd(&places.fds[i]);
        assert_int_equal(open_descriptors(), before);
        assert_true(result == CHANNEL_FAILED || n_fds == CHANNEL_FDS + 1);
    }
}

static void a_full_channel_does_not_hold_up_a_tell(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 10000; i++)
        channel_tell(f->ends[0], &f->message, NULL, 0);
    assert_int_equal(channel_receive(f->ends[1], CLOCK_NEVER, &f->message, NULL), CHANNEL_MESSAGE);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest cases[] = {
        CASE(a_message_arrives_whole_with_its_descriptors),
        CASE(nothing_before_the_deadline_is_a_timeout),
        CASE(the_other_end_closed_is_said),
        CASE(a_message_of_another_size_is_refused),
        CASE(descriptors_that_nobody_wants_are_closed),
        CASE(more_descriptors_than_places_do_no_harm),
        CASE(a_full_channel_does_not_hold_up_a_tell),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}

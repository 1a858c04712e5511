/* The three-tier yardstick written by hand: the same requests, the same counters, no generality.
 *
 * usage: three_tier TAPE; prints "completed failed timeouts retries response_sum_ns seconds".
 * TAPE: int64 n, then per request its arrival time, then per attempt (3) its hit flag and four
 * service times: gateway, cache, vector, model.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GATEWAY, CACHE, VECTOR, MODEL, POOLS = 7, ATTEMPTS = 3, ROW = 1 + ATTEMPTS * 5 };
enum { QUEUED = 1, WORKING, DONE_WITH };
enum { WORK_ENDS, TIMES_OUT, TRIES_AGAIN, SLOWS };
static const int64_t MS = 1000000, TIMEOUT = 10000000000LL, BACKOFF = 500000000LL;
static const int SERVERS[POOLS] = {16, 1, 8, 16, 16, 16, 16};

typedef struct { int64_t time, order; int32_t kind, call, mark; } Event;
typedef struct {
    int64_t sent_at, queued_at, ends_at, entered_at;
    int32_t request, attempt, tier, pool, state, mark, timer_mark, next, previous;
} Call;
typedef struct {
    int32_t taken, queued, head, tail, in_flight;
    int64_t arrived, started, completed, cancelled, busy_ns, wait_ns, response_ns, since;
    int64_t histogram[15];
} Pool;

static int64_t *tape, now, order, n, completed, failed, timeouts, retries, response_sum;
static int64_t edge_calls[4], edge_ok[4], edge_cancelled[4], edge_latency[4], edge_histogram[4][15];
static int64_t class_histogram[2][15];
static Event *heap;
static int64_t heap_n, heap_size;
static Call *calls;
static int32_t free_call = -1, calls_n, calls_size;
static Pool pools[POOLS];
static double slowdown = 1.0;
static const int64_t BOUNDS[14] = {1, 3, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000};

static void count(int64_t *histogram, int64_t ns) {
    int i = 0;
    while (i < 14 && ns > BOUNDS[i] * MS) i++;
    histogram[i]++;
}

static int before(const Event *a, const Event *b) {
    return a->time < b->time || (a->time == b->time && a->order < b->order);
}

static void push(int64_t time, int kind, int call, int mark) {
    if (heap_n == heap_size) heap = realloc(heap, (heap_size = 2 * heap_size + 64) * sizeof *heap);
    Event event = {time, ++order, kind, call, mark};
    int64_t place = heap_n++;
    while (place > 0 && before(&event, &heap[(place - 1) / 2])) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = event;
}

static Event pop(void) {
    Event first = heap[0], last = heap[--heap_n];
    int64_t place = 0;
    for (;;) {
        int64_t below = 2 * place + 1;
        if (below >= heap_n) break;
        if (below + 1 < heap_n && before(&heap[below + 1], &heap[below])) below++;
        if (!before(&heap[below], &last)) break;
        heap[place] = heap[below];
        place = below;
    }
    heap[place] = last;
    return first;
}

static int64_t demand(const Call *c, int tier) {
    return tape[c->request * ROW + 1 + c->attempt * 5 + 1 + tier];
}

static void settle(Pool *p) { p->busy_ns += p->taken * (now - p->since); p->since = now; }

static void start(int i) {
    Call *c = &calls[i];
    Pool *p = &pools[c->pool];
    int64_t lasts = demand(c, c->tier);
    if (c->tier == MODEL && slowdown != 1.0) lasts = (int64_t)(lasts * slowdown + 0.5);
    settle(p);
    p->taken++;
    p->started++;
    p->wait_ns += now - c->queued_at;
    c->state = WORKING;
    c->ends_at = now + lasts;
    push(c->ends_at, WORK_ENDS, i, ++c->mark);
}

static void unlink_call(int i) {
    Call *c = &calls[i];
    Pool *p = &pools[c->pool];
    if (c->previous >= 0) calls[c->previous].next = c->next; else p->head = c->next;
    if (c->next >= 0) calls[c->next].previous = c->previous; else p->tail = c->previous;
    p->queued--;
}

static void enter(int i, int tier) {
    Call *c = &calls[i];
    c->tier = c->pool = tier;
    if (tier == MODEL) {
        /* The choice among equals is the plant's own: it is on the tape with the arrival. */
        int first = (int)(tape[c->request * ROW + 1 + c->attempt * 5] >> 1), best = -1;
        for (int k = 0; k < 4; k++) {
            int candidate = MODEL + (first + k) % 4;
            if (best < 0 || pools[candidate].in_flight < pools[best].in_flight) best = candidate;
        }
        c->pool = best;
    }
    Pool *p = &pools[c->pool];
    edge_calls[tier]++;
    p->in_flight++;
    p->arrived++;
    c->entered_at = c->queued_at = now;
    if (p->queued == 0 && p->taken < SERVERS[c->pool]) { start(i); return; }
    c->state = QUEUED;
    c->next = -1;
    c->previous = p->tail;
    if (p->tail >= 0) calls[p->tail].next = i; else p->head = i;
    p->tail = i;
    p->queued++;
}

static void serve_next(int pool) {
    Pool *p = &pools[pool];
    if (p->queued == 0 || p->taken >= SERVERS[pool]) return;
    int i = p->head;
    unlink_call(i);
    start(i);
}

static void leave_pool(int i, int answered) {
    Call *c = &calls[i];
    Pool *p = &pools[c->pool];
    int64_t response = now - c->entered_at;
    p->in_flight--;
    if (answered) {
        p->completed++;
        p->response_ns += response;
        edge_ok[c->tier]++;
        edge_latency[c->tier] += response;
        count(p->histogram, response);
        count(edge_histogram[c->tier], response);
    } else {
        p->cancelled++;
        edge_cancelled[c->tier]++;
    }
}

static void release_call(int i) {
    calls[i].mark++;
    calls[i].timer_mark++;
    calls[i].state = DONE_WITH;
    calls[i].next = free_call;
    free_call = i;
}

static void send(int request, int attempt, int i) {
    if (i < 0) {
        if (free_call < 0) {
            if (calls_n == calls_size)
                calls = realloc(calls, (calls_size = 2 * calls_size + 64) * sizeof *calls);
            i = calls_n++;
            memset(&calls[i], 0, sizeof *calls);
        } else {
            i = free_call;
            free_call = calls[i].next;
        }
        calls[i].request = request;
    }
    calls[i].attempt = attempt;
    calls[i].sent_at = now;
    push(now + TIMEOUT, TIMES_OUT, i, ++calls[i].timer_mark);
    enter(i, GATEWAY);
}

static void finish(int i) {
    int64_t whole = now - tape[calls[i].request * ROW];
    completed++;
    response_sum += whole;
    count(class_histogram[0], whole);
    count(class_histogram[1], whole);
    release_call(i);
}

static void work_ended(int i) {
    Call *c = &calls[i];
    int pool = c->pool;
    settle(&pools[pool]);
    pools[pool].taken--;
    if (c->tier == GATEWAY) {
        /* The worker is free while the call goes on; the gateway's own answer comes last. */
        pools[pool].in_flight--;
        enter(i, CACHE);
    } else {
        leave_pool(i, 1);
        int hit = (int)(tape[c->request * ROW + 1 + c->attempt * 5] & 1);
        if (c->tier == CACHE && !hit) enter(i, VECTOR);
        else if (c->tier == VECTOR) enter(i, MODEL);
        else finish(i);
    }
    serve_next(pool);
}

static void timed_out(int i) {
    Call *c = &calls[i];
    int pool = c->pool;
    timeouts++;
    c->mark++;
    if (c->tier != GATEWAY) leave_pool(i, 0);
    else pools[pool].in_flight--;
    int was_queued = c->state == QUEUED;
    c->state = DONE_WITH;
    if (was_queued) unlink_call(i);
    else { settle(&pools[pool]); pools[pool].taken--; serve_next(pool); }
    if (c->attempt < ATTEMPTS - 1) {
        retries++;
        push(now + (BACKOFF << c->attempt), TRIES_AGAIN, i, ++c->timer_mark);
        return;
    }
    failed++;
    release_call(i);
}

static void slow_down(double value) {
    for (int i = 0; i < calls_n; i++) {
        Call *c = &calls[i];
        if (c->state != WORKING || c->tier != MODEL) continue;
        c->ends_at = now + (int64_t)((c->ends_at - now) * value / slowdown + 0.5);
        push(c->ends_at, WORK_ENDS, i, ++c->mark);
    }
    slowdown = value;
}

int main(int argc, char **argv) {
    FILE *file = fopen(argc > 1 ? argv[1] : "", "rb");
    if (file == NULL || fread(&n, 8, 1, file) != 1) return 2;
    tape = malloc(n * ROW * 8);
    if (fread(tape, 8 * ROW, n, file) != (size_t)n) return 2;
    for (int p = 0; p < POOLS; p++) pools[p].head = pools[p].tail = -1;
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    push(1800000 * MS, SLOWS, 3, 0);
    push(1920000 * MS, SLOWS, 1, 0);
    int64_t next = 0;
    while (heap_n > 0 || next < n) {
        if (next < n && (heap_n == 0 || tape[next * ROW] < heap[0].time)) {
            now = tape[next * ROW];
            send((int)next++, 0, -1);
            continue;
        }
        Event event = pop();
        if (event.kind == SLOWS) { now = event.time; slow_down(event.call); continue; }
        Call *c = &calls[event.call];
        if (event.mark != (event.kind == WORK_ENDS ? c->mark : c->timer_mark)) continue;
        now = event.time;
        if (event.kind == WORK_ENDS) work_ended(event.call);
        else if (event.kind == TIMES_OUT) timed_out(event.call);
        else send(c->request, c->attempt + 1, event.call);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    printf("%lld %lld %lld %lld %lld %.6f\n", (long long)completed, (long long)failed,
           (long long)timeouts, (long long)retries, (long long)response_sum,
           (end.tv_sec - begin.tv_sec) + (end.tv_nsec - begin.tv_nsec) * 1e-9);
    return 0;
}

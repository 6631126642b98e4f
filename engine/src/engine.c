/* The guest: QuickJS behind eight exports and ten imports.
 *
 * The protocol with the host (crates/adapters/sandbox) is small and the same in both directions: a text or a
 * byte string that goes from the host to the guest waits in the host's register, its length is an argument or
 * a result, and the guest fetches it with host_take into memory it has allocated. Nothing but the stack pointer
 * lives outside linear memory, so a copy of linear memory at rest is a copy of the engine. */

#include "memory.h"
#include "quickjs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("emdash"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

/* What a host function answers: the status in the low two bits, the register's length above. */
enum { ANSWER_LATER = 0, ANSWER_VALUE = 1, ANSWER_REFUSAL = 2 };

IMPORT(take) void host_take(void *into);
IMPORT(now) double host_now(void);
IMPORT(random) int32_t host_random(void *into, size_t length);
IMPORT(module) int64_t host_module(const char *name, size_t name_length);
IMPORT(start)
int64_t host_start(uint32_t id, const char *name, size_t name_length, const char *arguments, size_t length);
IMPORT(timer) int64_t host_timer(uint32_t id, double milliseconds);
IMPORT(cancel_timer) void host_cancel_timer(uint32_t id);
IMPORT(compute) int64_t host_compute(int32_t operation, const void *operands);
IMPORT(finish) void host_finish(int32_t kind, const char *text, size_t length);

/* How a call stands when the guest hands control back. */
enum { CALL_FINISHED = 0, CALL_WAITING = 1, CALL_STUCK = 2 };

/* Shadow stack QuickJS may use before it throws RangeError; the linker reserves more (build.sh). */
enum { STACK_LIMIT = 400 * 1024 };
/* Memory a request finds ready, so that most never have it grown. */
enum { HEADROOM = 512 * 1024 };
/* Allocation after the image was made that passes without a garbage collection. */
enum { GARBAGE_ALLOWANCE = 8 * 1024 * 1024 };

/* One host call or timer under way. */
typedef struct {
    JSValue settle; /* resolve, or the timer's callback */
    JSValue reject; /* undefined for a timer */
    uint32_t next_free;
    bool used;
} Operation;

static JSRuntime *runtime;
static JSContext *context;
static Operation *operations;
static uint32_t operation_count;
static uint32_t first_free = UINT32_MAX;
static uint32_t under_way;
static bool finished;
static uint64_t random_state[2];
static bool random_seeded;
/* Functions the prelude registers. */
static JSValue prelude_dispatch, prelude_describe, prelude_refusal;
/* The plugin's module namespace. */
static JSValue plugin;

/* ---- The register ---- */

/* Fetches the register into fresh memory with a terminating zero; NULL with an exception pending. */
static char *take_text(size_t length)
{
    char *text = js_malloc(context, length + 1);
    if (!text)
        return NULL;
    host_take(text);
    text[length] = 0;
    return text;
}

static JSValue take_json(size_t length)
{
    char *text = take_text(length);
    if (!text)
        return JS_EXCEPTION;
    JSValue value = JS_ParseJSON(context, text, length, "<host>");
    js_free(context, text);
    return value;
}

/* An Error made from the host's refusal {message, code, details}. */
static JSValue take_refusal(size_t length)
{
    JSValue refusal = take_json(length);
    if (JS_IsException(refusal))
        return refusal;
    JSValue error = JS_Call(context, prelude_refusal, JS_UNDEFINED, 1, &refusal);
    JS_FreeValue(context, refusal);
    return error;
}

static JSValue throw_refusal(size_t length)
{
    JSValue error = take_refusal(length);
    return JS_IsException(error) ? error : JS_Throw(context, error);
}

/* ---- Operations ---- */

/* Takes ownership of the values; UINT32_MAX with an exception pending when memory is short. */
static uint32_t add_operation(JSValue settle, JSValue reject)
{
    if (first_free == UINT32_MAX) {
        uint32_t count = operation_count ? operation_count * 2 : 16;
        Operation *larger = js_realloc(context, operations, count * sizeof *larger);
        if (!larger) {
            JS_FreeValue(context, settle);
            JS_FreeValue(context, reject);
            return UINT32_MAX;
        }
        for (uint32_t i = operation_count; i < count; i++) {
            larger[i].used = false;
            larger[i].next_free = i + 1 < count ? i + 1 : UINT32_MAX;
        }
        first_free = operation_count;
        operations = larger;
        operation_count = count;
    }
    uint32_t id = first_free;
    Operation *operation = &operations[id];
    first_free = operation->next_free;
    *operation = (Operation){.settle = settle, .reject = reject, .used = true};
    under_way++;
    return id;
}

/* Gives ownership of the values back to the caller. */
static Operation remove_operation(uint32_t id)
{
    Operation operation = operations[id];
    operations[id].used = false;
    operations[id].next_free = first_free;
    first_free = id;
    under_way--;
    return operation;
}

static void drop_operation(uint32_t id)
{
    Operation operation = remove_operation(id);
    JS_FreeValue(context, operation.settle);
    JS_FreeValue(context, operation.reject);
}

/* Calls and forgets; a failure here can only be memory shortage, which leaves the promise unsettled. */
static void call_with(JSValue function, JSValue argument)
{
    JSValue result = JS_Call(context, function, JS_UNDEFINED, 1, &argument);
    if (JS_IsException(result))
        JS_FreeValue(context, JS_GetException(context));
    JS_FreeValue(context, result);
}

static JSValue settled_promise(JSValue value)
{
    bool failed = JS_IsException(value);
    if (failed)
        value = JS_GetException(context);
    JSValue functions[2];
    JSValue promise = JS_NewPromiseCapability(context, functions);
    if (!JS_IsException(promise)) {
        call_with(functions[failed], value);
        JS_FreeValue(context, functions[0]);
        JS_FreeValue(context, functions[1]);
    }
    JS_FreeValue(context, value);
    return promise;
}

/* start(name, arguments): a promise of the host's answer. */
static JSValue js_start(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    JSValue json = JS_JSONStringify(ctx, argv[1], JS_UNDEFINED, JS_UNDEFINED);
    if (JS_IsException(json))
        return settled_promise(JS_EXCEPTION);
    size_t name_length, length;
    const char *name = JS_ToCStringLen(ctx, &name_length, argv[0]);
    const char *arguments = JS_ToCStringLen(ctx, &length, json);
    JS_FreeValue(ctx, json);

    JSValue functions[2] = {JS_UNDEFINED, JS_UNDEFINED}, promise = JS_EXCEPTION;
    if (name && arguments)
        promise = JS_NewPromiseCapability(ctx, functions);
    if (JS_IsException(promise))
        goto done;
    uint32_t id = add_operation(functions[0], functions[1]);
    if (id == UINT32_MAX) {
        JS_FreeValue(ctx, promise);
        promise = JS_EXCEPTION;
        goto done;
    }
    int64_t answer = host_start(id, name, name_length, arguments, length);
    if ((answer & 3) != ANSWER_LATER) {
        drop_operation(id);
        JS_FreeValue(ctx, promise);
        promise = settled_promise((answer & 3) == ANSWER_VALUE ? take_json(answer >> 2) : throw_refusal(answer >> 2));
    }
done:
    if (name)
        JS_FreeCString(ctx, name);
    if (arguments)
        JS_FreeCString(ctx, arguments);
    return promise;
}

/* timer(callback, milliseconds): its id. */
static JSValue js_timer(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    double milliseconds;
    if (JS_ToFloat64(ctx, &milliseconds, argv[1]))
        return JS_EXCEPTION;
    uint32_t id = add_operation(JS_DupValue(ctx, argv[0]), JS_UNDEFINED);
    if (id == UINT32_MAX)
        return JS_EXCEPTION;
    int64_t answer = host_timer(id, milliseconds);
    if ((answer & 3) == ANSWER_REFUSAL) {
        drop_operation(id);
        return throw_refusal(answer >> 2);
    }
    return JS_NewUint32(ctx, id);
}

/* cancelTimer(id) */
static JSValue js_cancel_timer(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    uint32_t id;
    if (JS_ToUint32(ctx, &id, argv[0]))
        return JS_EXCEPTION;
    if (id < operation_count && operations[id].used && JS_IsUndefined(operations[id].reject)) {
        host_cancel_timer(id);
        drop_operation(id);
    }
    return JS_UNDEFINED;
}

/* ---- Clock and randomness ---- */

static JSValue js_now(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    return JS_NewFloat64(ctx, host_now());
}

/* fillRandom(uint8Array): false while the module is evaluated, when there is no randomness. */
static JSValue js_fill_random(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    size_t length;
    uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (!bytes)
        return JS_EXCEPTION;
    return JS_NewBool(ctx, host_random(bytes, length) == 0);
}

/* xorshift128+, seeded from the host at first use in every instance: an image holds no random state. */
static JSValue js_math_random(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    if (!random_seeded) {
        /* Without randomness (module evaluation) the fixed stream goes on; see engine/README.md. */
        if (host_random(random_state, sizeof random_state) != 0 && !random_state[0])
            random_state[0] = 0x9e3779b97f4a7c15;
        else
            random_seeded = true;
        random_state[1] |= 1;
    }
    uint64_t a = random_state[0], b = random_state[1];
    random_state[0] = b;
    a ^= a << 23;
    random_state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return JS_NewFloat64(ctx, (double)((random_state[1] + b) >> 11) * 0x1p-53);
}

/* ---- Bytes, text and what the host computes ---- */

/* The host reads three of these. */
typedef struct {
    const void *bytes;
    size_t length;
    const char *text; /* to be freed */
} Operand;

static int read_operand(JSContext *ctx, JSValueConst value, Operand *operand)
{
    *operand = (Operand){.bytes = ""};
    if (JS_IsUndefined(value))
        return 0;
    if (JS_IsString(value)) {
        operand->text = JS_ToCStringLen(ctx, &operand->length, value);
        operand->bytes = operand->text;
        return operand->text ? 0 : -1;
    }
    operand->bytes = JS_GetUint8Array(ctx, &operand->length, value);
    return operand->bytes ? 0 : -1;
}

enum { AS_TEXT, AS_BYTES, AS_JSON };

/* compute…(operation, a, b, c): the host's result as text, bytes or a value; throws TypeError when refused. */
static JSValue js_compute(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv, int form)
{
    int32_t operation;
    Operand operands[3] = {{.bytes = ""}, {.bytes = ""}, {.bytes = ""}};
    JSValue result = JS_EXCEPTION;
    if (JS_ToInt32(ctx, &operation, argv[0]))
        return result;
    for (int i = 0; i < 3; i++) {
        if (read_operand(ctx, argv[i + 1], &operands[i]))
            goto done;
    }
    int64_t answer = host_compute(operation, operands);
    size_t length = answer >> 2;
    if ((answer & 3) == ANSWER_VALUE && form == AS_JSON) {
        result = take_json(length);
    } else {
        char *text = take_text(length);
        if (!text)
            goto done;
        if ((answer & 3) == ANSWER_REFUSAL)
            result = JS_ThrowTypeError(ctx, "%s", text);
        else if (form == AS_TEXT)
            result = JS_NewStringLen(ctx, text, length);
        else
            result = JS_NewUint8ArrayCopy(ctx, (uint8_t *)text, length);
        js_free(ctx, text);
    }
done:
    for (int i = 0; i < 3; i++) {
        if (operands[i].text)
            JS_FreeCString(ctx, operands[i].text);
    }
    return result;
}

/* encodeUtf8(string); the prelude has replaced lone surrogates. */
static JSValue js_encode_utf8(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!text)
        return JS_EXCEPTION;
    JSValue bytes = JS_NewUint8ArrayCopy(ctx, (const uint8_t *)text, length);
    JS_FreeCString(ctx, text);
    return bytes;
}

static bool is_utf8(const uint8_t *p, size_t length)
{
    const uint8_t *end = p + length;
    while (p < end) {
        uint8_t lead = *p++;
        if (lead < 0x80)
            continue;
        int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4 || end - p < more)
            return false;
        if ((lead == 0xe0 && *p < 0xa0) || (lead == 0xed && *p > 0x9f) || (lead == 0xf0 && *p < 0x90) ||
            (lead == 0xf4 && *p > 0x8f))
            return false;
        for (; more > 0; more--) {
            if ((*p++ & 0xc0) != 0x80)
                return false;
        }
    }
    return true;
}

/* decodeUtf8(uint8Array): the string, or undefined when the bytes are not UTF-8. */
static JSValue js_decode_utf8(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    size_t length;
    uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (!bytes)
        return JS_EXCEPTION;
    return is_utf8(bytes, length) ? JS_NewStringLen(ctx, (char *)bytes, length) : JS_UNDEFINED;
}

/* finish(kind, text): the end of the call; only the first one counts. */
static JSValue js_finish(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    int32_t kind;
    size_t length;
    if (finished || JS_ToInt32(ctx, &kind, argv[0]))
        return JS_UNDEFINED;
    const char *text = JS_ToCStringLen(ctx, &length, argv[1]);
    if (!text)
        return JS_EXCEPTION;
    host_finish(kind, text, length);
    JS_FreeCString(ctx, text);
    finished = true;
    return JS_UNDEFINED;
}

/* register(dispatch, describe, refusal): what the engine calls in the prelude. */
static JSValue js_register(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    prelude_dispatch = JS_DupValue(ctx, argv[0]);
    prelude_describe = JS_DupValue(ctx, argv[1]);
    prelude_refusal = JS_DupValue(ctx, argv[2]);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry host_functions[] = {
    JS_CFUNC_DEF("start", 2, js_start),
    JS_CFUNC_DEF("timer", 2, js_timer),
    JS_CFUNC_DEF("cancelTimer", 1, js_cancel_timer),
    JS_CFUNC_DEF("now", 0, js_now),
    JS_CFUNC_DEF("fillRandom", 1, js_fill_random),
    JS_CFUNC_DEF("mathRandom", 0, js_math_random),
    JS_CFUNC_MAGIC_DEF("computeText", 4, js_compute, AS_TEXT),
    JS_CFUNC_MAGIC_DEF("computeBytes", 4, js_compute, AS_BYTES),
    JS_CFUNC_MAGIC_DEF("computeJson", 4, js_compute, AS_JSON),
    JS_CFUNC_DEF("encodeUtf8", 1, js_encode_utf8),
    JS_CFUNC_DEF("decodeUtf8", 1, js_decode_utf8),
    JS_CFUNC_DEF("finish", 2, js_finish),
    JS_CFUNC_DEF("register", 3, js_register),
};
enum { HOST_FUNCTIONS = sizeof host_functions / sizeof host_functions[0] };

/* ---- Modules ---- */

static const char PRELUDE[] = "emdash:prelude/";
static const char HOST[] = "emdash:host";

static bool is_prelude(const char *name)
{
    return strncmp(name, PRELUDE, sizeof PRELUDE - 1) == 0;
}

/* Prelude modules see each other (by ./name.js) and the host; a plugin sees `emdash` and `emdash/plugin` only. */
static char *normalize_module(JSContext *ctx, const char *base, const char *name, void *opaque)
{
    if (is_prelude(base) && strncmp(name, "./", 2) == 0) {
        size_t size = sizeof PRELUDE + strlen(name);
        char *full = js_malloc(ctx, size);
        if (full) {
            strcpy(full, PRELUDE);
            strcat(full, name + 2);
        }
        return full;
    }
    if (is_prelude(base) || strcmp(base, "<boot>") == 0)
        return js_strdup(ctx, name);
    if (strcmp(name, "emdash") == 0 || strcmp(name, "emdash/plugin") == 0)
        return js_strdup(ctx, "emdash:prelude/plugin_module.js");
    JS_ThrowReferenceError(ctx,
                           "Cannot import \"%s\": a plugin is one file and can import only \"emdash\" and "
                           "\"emdash/plugin\". Bundle the dependency into it.",
                           name);
    return NULL;
}

static int initialise_host_module(JSContext *ctx, JSModuleDef *module)
{
    return JS_SetModuleExportList(ctx, module, host_functions, HOST_FUNCTIONS);
}

static JSModuleDef *load_module(JSContext *ctx, const char *name, void *opaque)
{
    if (strcmp(name, HOST) == 0) {
        JSModuleDef *module = JS_NewCModule(ctx, HOST, initialise_host_module);
        if (module)
            JS_AddModuleExportList(ctx, module, host_functions, HOST_FUNCTIONS);
        return module;
    }
    int64_t answer = host_module(name, strlen(name));
    if ((answer & 3) != ANSWER_VALUE) {
        JS_ThrowReferenceError(ctx, "no prelude module %s", name);
        return NULL;
    }
    size_t length = answer >> 2;
    char *source = take_text(length);
    if (!source)
        return NULL;
    JSValue compiled = JS_Eval(ctx, source, length, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    js_free(ctx, source);
    if (JS_IsException(compiled))
        return NULL;
    JSModuleDef *module = JS_VALUE_GET_PTR(compiled);
    JS_FreeValue(ctx, compiled);
    return module;
}

/* ---- Running ---- */

static void run_jobs(void)
{
    JSContext *of_job;
    for (;;) {
        int ran = JS_ExecutePendingJob(runtime, &of_job);
        if (ran == 0)
            return;
        if (ran < 0)
            JS_FreeValue(context, JS_GetException(context));
    }
}

/* Reports the pending exception through finish(kind). */
static void finish_with_exception(int32_t kind)
{
    JSValue error = JS_GetException(context);
    JSValue text = JS_UNDEFINED;
    if (JS_IsFunction(context, prelude_describe)) {
        JSValue arguments[2] = {error, JS_TRUE};
        text = JS_Call(context, prelude_describe, JS_UNDEFINED, 2, arguments);
    }
    if (!JS_IsString(text)) {
        JS_FreeValue(context, text);
        text = JS_ToString(context, error);
    }
    size_t length = 0;
    const char *words = JS_ToCStringLen(context, &length, text);
    host_finish(kind, words ? words : "", length);
    finished = true;
    if (words)
        JS_FreeCString(context, words);
    JS_FreeValue(context, text);
    JS_FreeValue(context, error);
}

enum { FINISH_VALUE = 1, FINISH_ERROR = 2 };

/* Runs jobs and tells how the call stands. */
static int32_t progress(void)
{
    run_jobs();
    if (finished)
        return CALL_FINISHED;
    return under_way ? CALL_WAITING : CALL_STUCK;
}

/* Evaluates a compiled or source module to its end; the namespace, or an exception. */
static JSValue evaluate(const char *source, size_t length, const char *name)
{
    JSValue compiled = JS_Eval(context, source, length, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(compiled))
        return compiled;
    JSModuleDef *module = JS_VALUE_GET_PTR(compiled);
    JSValue promise = JS_EvalFunction(context, compiled);
    if (JS_IsException(promise))
        return promise;
    run_jobs();
    JSPromiseStateEnum state = JS_PromiseState(context, promise);
    JSValue namespace = JS_EXCEPTION;
    if (state == JS_PROMISE_FULFILLED || state == JS_PROMISE_NOT_A_PROMISE)
        namespace = JS_GetModuleNamespace(context, module);
    else if (state == JS_PROMISE_REJECTED)
        JS_Throw(context, JS_PromiseResult(context, promise));
    else
        JS_ThrowTypeError(context, "top-level await waits for something that nothing can settle");
    JS_FreeValue(context, promise);
    return namespace;
}

/* Leaves memory as an image wants it: no garbage, no randomness, room before the next collection. */
static void rest(void)
{
    JS_RunGC(runtime);
    random_seeded = false;
    JSMemoryUsage usage;
    JS_ComputeMemoryUsage(runtime, &usage);
    JS_SetGCThreshold(runtime, (size_t)usage.malloc_size + GARBAGE_ALLOWANCE);
    memory_seal(HEADROOM);
}

/* ---- Exports ---- */

extern void __wasm_call_ctors(void);

/* Starts the engine and evaluates the prelude. */
EXPORT(boot) int32_t boot(void)
{
    __wasm_call_ctors();
    prelude_dispatch = prelude_describe = prelude_refusal = plugin = JS_UNDEFINED;
    runtime = JS_NewRuntime();
    context = JS_NewContext(runtime);
    JS_SetMaxStackSize(runtime, STACK_LIMIT);
    JS_SetModuleLoaderFunc(runtime, normalize_module, load_module, NULL);
    static const char source[] = "import \"emdash:prelude/main.js\"";
    JSValue namespace = evaluate(source, sizeof source - 1, "<boot>");
    if (JS_IsException(namespace)) {
        finish_with_exception(FINISH_ERROR);
        return -1;
    }
    JS_FreeValue(context, namespace);
    rest();
    return 0;
}

/* Evaluates the plugin's module (its source is in the register) and reports its shape. */
EXPORT(load) int32_t load(size_t length)
{
    JS_UpdateStackTop(runtime);
    finished = false;
    char *source = take_text(length);
    plugin = source ? evaluate(source, length, "backend.js") : JS_EXCEPTION;
    js_free(context, source);
    JSValue shape = JS_EXCEPTION;
    if (!JS_IsException(plugin)) {
        JSValue arguments[2] = {plugin, JS_FALSE};
        shape = JS_Call(context, prelude_describe, JS_UNDEFINED, 2, arguments);
    }
    if (JS_IsException(shape)) {
        plugin = JS_UNDEFINED;
        finish_with_exception(FINISH_ERROR);
        return -1;
    }
    JSValue arguments[2] = {JS_NewInt32(context, FINISH_VALUE), shape};
    JS_FreeValue(context, js_finish(context, JS_UNDEFINED, 2, arguments));
    JS_FreeValue(context, shape);
    rest();
    return 0;
}

/* Starts a call; its JSON is in the register. */
EXPORT(call) int32_t call(size_t length)
{
    JS_UpdateStackTop(runtime);
    finished = false;
    JSValue arguments[2] = {plugin, take_json(length)};
    JSValue result = JS_EXCEPTION;
    if (!JS_IsException(arguments[1]))
        result = JS_Call(context, prelude_dispatch, JS_UNDEFINED, 2, arguments);
    if (JS_IsException(result))
        finish_with_exception(FINISH_ERROR);
    JS_FreeValue(context, result);
    JS_FreeValue(context, arguments[1]);
    return progress();
}

/* Completes an operation with the answer in the register. */
EXPORT(complete) int32_t complete(uint32_t id, int32_t status, size_t length)
{
    JS_UpdateStackTop(runtime);
    Operation operation = remove_operation(id);
    if (JS_IsUndefined(operation.reject)) {
        call_with(operation.settle, JS_UNDEFINED);
    } else {
        bool refused = status == ANSWER_REFUSAL;
        JSValue value = refused ? take_refusal(length) : take_json(length);
        if (JS_IsException(value)) {
            value = JS_GetException(context);
            refused = true;
        }
        call_with(refused ? operation.reject : operation.settle, value);
        JS_FreeValue(context, value);
    }
    JS_FreeValue(context, operation.settle);
    JS_FreeValue(context, operation.reject);
    return progress();
}

/* How many operations the guest waits for. */
EXPORT(waiting) uint32_t waiting(void)
{
    return under_way;
}

/* Repositories hold the same file again and again (versions.tf, the variables of a wrapper): copying what was read
 * takes a hundredth of reading. */
#include "syntax/reader.h"

#include "syntax/document.h"

struct copying {
    struct node_pool pool;
    const struct source *from, *to;
};

static span placed(const struct copying *c, span at)
{
    if (at.file == c->from->id)
        at.file = c->to->id;
    return at;
}

/* What stands in the one text is taken from the other. */
static str moved(const struct copying *c, str s)
{
    uintptr_t p = (uintptr_t)s.p, start = (uintptr_t)c->from->text.p;

    return p >= start && p - start <= c->from->text.n ? (str){c->to->text.p + (p - start), s.n} : s;
}

static const struct node *copy(struct copying *c, const struct node *n);

static const struct node **copy_all(struct copying *c, const struct node *const *old, size_t n)
{
    const struct node **all = n != 0 ? ARENA_ARRAY(c->pool.arena, const struct node *, n) : NULL;

    for (size_t i = 0; i < n; i++)
        all[i] = copy(c, old[i]);
    return all;
}

static void copy_entries(struct copying *c, const struct node *n, struct node *own)
{
    struct node_entry *entry = n->u.map.n != 0 ? ARENA_ARRAY(c->pool.arena, struct node_entry, n->u.map.n) : NULL;

    for (size_t i = 0; i < n->u.map.n; i++) {
        entry[i].key = copy(c, n->u.map.entry[i].key);
        entry[i].value = copy(c, n->u.map.entry[i].value);
    }
    own->u.map.entry = entry;
}

static void copy_block(struct copying *c, const struct node *n, struct node *own)
{
    own->u.block = arena_copy(c->pool.arena, n->u.block, sizeof(*n->u.block));
    own->u.block->type = moved(c, n->u.block->type);
    own->u.block->label = copy_all(c, n->u.block->label, n->u.block->n_labels);
    own->u.block->body = copy(c, n->u.block->body);
    own->u.block->header = placed(c, n->u.block->header);
}

static void copy_call(struct copying *c, const struct node *n, struct node *own)
{
    own->u.call = arena_copy(c->pool.arena, n->u.call, sizeof(*n->u.call));
    own->u.call->name = moved(c, n->u.call->name);
    own->u.call->argument = copy_all(c, n->u.call->argument, n->u.call->n);
}

static void copy_loop(struct copying *c, const struct node *n, struct node *own)
{
    own->u.loop = arena_copy(c->pool.arena, n->u.loop, sizeof(*n->u.loop));
    own->u.loop->key_name = moved(c, n->u.loop->key_name);
    own->u.loop->value_name = moved(c, n->u.loop->value_name);
    own->u.loop->source = copy(c, n->u.loop->source);
    own->u.loop->key = copy(c, n->u.loop->key);
    own->u.loop->value = copy(c, n->u.loop->value);
    own->u.loop->test = copy(c, n->u.loop->test);
}

static void copy_inside(struct copying *c, const struct node *n, struct node *own)
{
    switch ((enum node_kind)n->kind) {
    case NODE_NULL:
    case NODE_BOOL:
    case NODE_ERROR:
        break;
    case NODE_NUMBER:
        own->u.number.text = moved(c, n->u.number.text);
        break;
    case NODE_STRING:
    case NODE_VARIABLE:
        own->u.string = moved(c, n->u.string);
        break;
    case NODE_LIST:
        own->u.list.item = copy_all(c, n->u.list.item, n->u.list.n);
        break;
    case NODE_TEMPLATE:
        own->u.template.part = copy_all(c, n->u.template.part, n->u.template.n);
        break;
    case NODE_MAP:
    case NODE_BODY:
        copy_entries(c, n, own);
        break;
    case NODE_BLOCK:
        copy_block(c, n, own);
        break;
    case NODE_TAGGED:
        own->u.tagged.tag = moved(c, n->u.tagged.tag);
        own->u.tagged.value = copy(c, n->u.tagged.value);
        break;
    case NODE_GET:
        own->u.get.name = moved(c, n->u.get.name);
        own->u.get.object = copy(c, n->u.get.object);
        break;
    case NODE_INDEX:
    case NODE_PAREN:
        own->u.pair.left = copy(c, n->u.pair.left);
        own->u.pair.right = copy(c, n->u.pair.right);
        break;
    case NODE_SPLAT:
        own->u.splat.source = copy(c, n->u.splat.source);
        own->u.splat.each = copy(c, n->u.splat.each);
        break;
    case NODE_CALL:
        copy_call(c, n, own);
        break;
    case NODE_UNARY:
        own->u.unary.operand = copy(c, n->u.unary.operand);
        break;
    case NODE_BINARY:
        own->u.binary.left = copy(c, n->u.binary.left);
        own->u.binary.right = copy(c, n->u.binary.right);
        break;
    case NODE_CONDITIONAL:
    case NODE_TEMPLATE_IF:
        own->u.conditional.test = copy(c, n->u.conditional.test);
        own->u.conditional.yes = copy(c, n->u.conditional.yes);
        own->u.conditional.no = copy(c, n->u.conditional.no);
        break;
    case NODE_FOR:
    case NODE_TEMPLATE_FOR:
        copy_loop(c, n, own);
        break;
    }
}

static const struct node *copy(struct copying *c, const struct node *n)
{
    struct node *own;

    if (n == NULL)
        return NULL;
    own = node_new(&c->pool, (enum node_kind)n->kind, n->flags, placed(c, n->at));
    own->op = n->op;
    own->u = n->u;
    copy_inside(c, n, own);
    return own;
}

struct document document_copy(const struct document *d, const struct source *s, struct arena *arena)
{
    struct copying c = {.pool = {.arena = arena, .texts = arena}, .from = d->source, .to = s};
    struct document own = *d;
    struct comment *comment = NULL;

    own.source = s;
    own.root = copy(&c, d->root);
    if (d->n_comments != 0)
        comment = arena_copy(arena, d->comment, d->n_comments * sizeof(*comment));
    for (size_t i = 0; i < d->n_comments; i++) {
        comment[i].at = placed(&c, comment[i].at);
        comment[i].text = moved(&c, comment[i].text);
    }
    own.comment = comment;
    return own;
}

// HCL native syntax (Terraform), written for speed: every token costs more than its bytes, so what
// the lexer can see as one piece is one token. README.md states the contract of the node kinds.

const PREC = {
  conditional: 1, or: 2, and: 3, equal: 4, compare: 5, add: 6, multiply: 7, unary: 8, postfix: 9,
};

// Letters outside ASCII, coarsely: the blocks of punctuation, symbols and private use are left out, so that
// typographic quotes are an error and not a name.
const LETTERS = 'ªµºÀ-ÖØ-öø-\\u1FFF\\u2070-\\u218F\\u2C00-\\u2DFF\\u3005-\\uD7FF' +
  '\\uF900-\\uFDFF\\uFE70-\\uFEFC\\uFF10-\\uFFDC\\u{10000}-\\u{1EFFF}\\u{20000}-\\u{3FFFF}';
const NAME = `[A-Za-z_${LETTERS}][A-Za-z0-9_${LETTERS}-]*`;
const re = (s) => new RegExp(s, 'u');

// Literal text in quotes. `${` and `%{` end it; `$${` and `%%{` are escapes; any other `$` or `%` is itself, and a
// run of them belongs to what follows it. CHUNK looks at three of them at most: a run that comes to
// nothing is read again from its second character, which would be quadratic.
const piece = (none, some) => `[^"\\\\$%\\r\\n]|[$%]${none}\\\\[^\\r\\n]` +
  `|[$%]${some}[^"\\\\$%{\\r\\n]|[$%]${none}(\\$\\$+|%%+)\\{`;
const STRING = `"(${piece('*', '+')})*[$%]*"`;
const CHUNK = `(${piece('?[$%]?[$%]?', '[$%]?[$%]?')}|\\$\\$+|%%+)+|[$%]`;

// Inside quotes: ahead of comments.
const immediate = (text) => token.immediate(prec(1, text));

const commaSep = (rule) => optional(seq(rule, repeat(seq(',', rule)), optional(',')));

// The parts of a template differ in their literal text only: in quotes it is a token of the lexer, in a heredoc one of
// the scanner.
const templateRules = (prefix, chunk) => ({
  [`_${prefix}_part`]: ($) => choice(
    chunk($),
    $.interpolation,
    alias($[`_${prefix}_if`], $.template_if),
    alias($[`_${prefix}_for`], $.template_for)),
  [`_${prefix}_if`]: ($) => seq(
    $._directive_start, 'if', $._expression, $._template_end,
    repeat($[`_${prefix}_part`]),
    optional(seq($._directive_start, 'else', $._template_end, repeat($[`_${prefix}_part`]))),
    $._directive_start, 'endif', $._template_end),
  [`_${prefix}_for`]: ($) => seq(
    $._directive_start, $._for_names, $._expression, $._template_end,
    repeat($[`_${prefix}_part`]),
    $._directive_start, 'endfor', $._template_end),
});

module.exports = grammar({
  name: 'hcl',

  extras: ($) => [/[ \t\r\n]+/, $.comment, $.unterminated_comment],

  externals: ($) => [
    $.heredoc_marker,
    $._heredoc_chunk,
    $.heredoc_end,
    $._heredoc_eof,
    $._recovering, // never in a rule: valid only while the parser recovers from an error
  ],

  inline: ($) => [$._item, $._directive_start, $._template_end, $._quoted_part, $._heredoc_part],

  conflicts: ($) => [[$.element, $.binary], [$.element, $.call], [$._expression, $.call]],

  rules: {
    // The two marks cannot stand in a file; the reader puts one before the text of an expression or a template.
    file: ($) => choice(
      repeat($._item),
      seq($.expression_mark, $._expression),
      seq($.template_mark, repeat($._heredoc_part))),
    expression_mark: (_) => '\u0001',
    template_mark: (_) => '\u0002',

    _item: ($) => choice($.attribute, $.block),
    attribute: ($) => seq($.identifier, '=', $._expression),
    block: ($) => seq(
      $.identifier, repeat(choice($.string, $.identifier)), '{', repeat($._item), '}'),

    _expression: ($) => choice(
      $.string, $.template, $.heredoc, $.number, $.identifier, $.reference,
      $.call, $.get, $.index, $.splat, $.tuple, $.object, $.for_tuple, $.for_object, $.paren,
      $.unary, $.binary, $.conditional),

    string: (_) => token(prec(2, re(STRING))),
    number: (_) => /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/,
    identifier: (_) => re(NAME),
    reference: (_) => re(`${NAME}(\\.(${NAME}|[0-9]+))+`),
    path: (_) => re(`\\.[ \\t\\r\\n]*(${NAME}|[0-9]+)(\\.(${NAME}|[0-9]+))*`),
    callee: (_) => re(`${NAME}(::${NAME}){0,3}\\(`),

    call: ($) => seq(
      choice($.callee, seq($.identifier, '(')),
      optional(seq($._expression, repeat(seq(',', $._expression)), optional(choice(',', '...')))),
      ')'),
    get: ($) => prec.left(PREC.postfix, seq($._expression, $.path)),
    index: ($) => prec.left(PREC.postfix, seq($._expression, '[', $._expression, ']')),
    splat: ($) => prec.left(PREC.postfix, seq($._expression, choice($.attribute_splat, $.full_splat))),
    attribute_splat: (_) => /\.[ \t\r\n]*\*/,
    full_splat: (_) => /\[[ \t\r\n]*\*[ \t\r\n]*\]/,

    paren: ($) => seq('(', $._expression, ')'),
    tuple: ($) => seq('[', commaSep($._expression), ']'),
    object: ($) => seq('{', repeat($.element), '}'),
    // The precedence is that of `-`: whether one continues the value or begins the next key is decided by what follows.
    element: ($) => prec(PREC.add, seq(
      $._expression, choice('=', ':'), $._expression, optional(','))),

    for_tuple: ($) => seq(
      '[', $._for_names, $._expression, ':', $._expression, optional($._for_test), ']'),
    for_object: ($) => seq(
      '{', $._for_names, $._expression, ':', $._expression, '=>', $._expression, optional('...'),
      optional($._for_test), '}'),
    _for_names: ($) => seq(
      'for', $.identifier, optional(seq(',', $.identifier)), 'in'),
    _for_test: ($) => seq('if', $._expression),

    unary: ($) => prec(PREC.unary, seq(choice('-', '!'), $._expression)),
    binary: ($) => choice(...[
      [PREC.or, '||'], [PREC.and, '&&'], [PREC.equal, '==', '!='],
      [PREC.compare, '<', '>', '<=', '>='], [PREC.add, '+', '-'], [PREC.multiply, '*', '/', '%'],
    ].map(([level, ...operators]) =>
      prec.left(level, seq($._expression, choice(...operators), $._expression)))),
    conditional: ($) => prec.right(PREC.conditional,
      seq($._expression, '?', $._expression, ':', $._expression)),

    template: ($) => seq('"', repeat($._quoted_part), choice(immediate('"'), $.unterminated)),
    chunk: (_) => immediate(re(CHUNK)),
    unterminated: (_) => immediate(/\r?\n|\r/),
    interpolation: ($) => seq(
      choice(immediate('${'), immediate('${~')), $._expression, $._template_end),
    _directive_start: (_) => choice(immediate('%{'), immediate('%{~')),
    _template_end: (_) => choice('}', '~}'),
    ...templateRules('quoted', ($) => $.chunk),
    ...templateRules('heredoc', ($) => alias($._heredoc_chunk, $.chunk)),

    heredoc: ($) => seq(
      choice('<<', '<<-'), $.heredoc_marker, repeat($._heredoc_part),
      choice($.heredoc_end, alias($._heredoc_eof, $.unterminated))),

    comment: (_) => token(choice(/#[^\n]*/, /\/\/[^\n]*/, /\/\*([^*]|\*+[^*/])*\*+\//)),
    // Shorter than a comment that ends, so only the end of the file leaves this one.
    unterminated_comment: (_) => /\/\*([^*]|\*+[^*\/])*\**/,
  },
});

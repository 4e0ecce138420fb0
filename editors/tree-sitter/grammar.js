/**
 * The grammar of `.sync` files for tree-sitter.
 *
 * Lines end members in the language; here they are blank, since what starts the next member can be told
 * without them. So the grammar needs no scanner of its own, and takes what the parser takes and a
 * little more.
 */

/// <reference types="tree-sitter-cli/dsl" />

const PREC = { lambda: 1, conditional: 2, or: 3, and: 4, coalesce: 5, compare: 6, add: 7, multiply: 8, unary: 9, call: 10 };

const separated = (rule) => repeat(seq(rule, optional(',')));

module.exports = grammar({
  name: 'syncline',
  word: ($) => $.identifier,
  extras: ($) => [/\s|\u{feff}/u, $.comment],
  conflicts: ($) => [[$._expression, $.pair], [$.target, $._expression], [$._expression, $.lambda_parameters], [$.parenthesized_type, $.function_type]],
  rules: {
    source_file: ($) => separated($._item),
    comment: () => token(choice(/\/\/[^\n]*/, /\/\*[^*]*\*+([^/*][^*]*\*+)*\//)),
    identifier: () => /[A-Za-z_][A-Za-z0-9_]*/,

    _item: ($) => choice($.project, $.use, $.type_declaration, $.environment, $.overlay, $.component, $.test, $.function_declaration),
    project: ($) => seq('project', $.string, $.settings),
    settings: ($) => seq('{', separated($.setting), '}'),
    setting: ($) => seq(field('key', choice($.identifier, $.string)), '=', choice($._expression, $.kinded)),
    kinded: ($) => seq($.identifier, $.map),
    use: ($) => seq('use', choice($.string, $.path), optional(seq('as', field('alias', $.identifier)))),
    path: ($) => prec.left(seq($.identifier, repeat(seq('.', $.identifier)))),
    type_declaration: ($) => seq('type', field('name', $.identifier), '=', $._type),
    environment: ($) => seq(optional('abstract'), 'environment', field('name', $.identifier), optional($.keys),
      optional(seq('extends', field('extends', $.identifier))),
      optional(seq('with', $.identifier, repeat(seq(',', $.identifier)))), $.members),
    overlay: ($) => seq('overlay', field('name', $.identifier), 'for', field('target', $.identifier), $.members),
    component: ($) => seq('component', field('name', $.identifier), $.members),
    test: ($) => seq('test', field('name', $.string), $.members),
    function_declaration: ($) => seq('fn', field('name', $.identifier), optional($.generics), $.parameters, '->', $._type, optional(seq('=', field('body', $._expression)))),
    generics: ($) => seq('<', separated($.identifier), '>'),
    parameters: ($) => seq('(', separated($.parameter), ')'),
    parameter: ($) => seq(optional('...'), field('name', $.identifier), ':', $._type, optional(seq('=', $._expression))),

    members: ($) => seq('{', separated($._member), '}'),
    _member: ($) => choice($.param, $.let, $.output, $.resource, $.data, $.ephemeral, $.unit, $.provider, $.ensure, $.expect,
      $.remove, $.moved, $.forget, $.adopt, $.amendment),
    param: ($) => seq(optional('final'), optional('secret'), 'param', field('name', $.identifier), optional($._annotation_of_type), optional(seq('=', $._expression))),
    let: ($) => seq(optional('final'), 'let', field('name', $.identifier), optional($._annotation_of_type), '=', $._expression),
    output: ($) => seq(optional('final'), optional('secret'), 'output', field('name', $.identifier), optional($._annotation_of_type), '=', $._expression),
    _annotation_of_type: ($) => seq(':', field('type', $._type)),
    resource: ($) => seq(optional('final'), 'resource', field('type', $.path), field('name', $.identifier), optional($.keys), optional($.condition), $.body),
    data: ($) => seq(optional('final'), 'data', field('type', $.path), field('name', $.identifier), optional($.keys), optional($.condition), $.body),
    ephemeral: ($) => seq(optional('final'), 'ephemeral', field('type', $.path), field('name', $.identifier), optional($.keys), optional($.condition), $.body),
    unit: ($) => prec.right(seq(optional('final'), 'unit', field('name', $.identifier), optional($.keys), optional($.condition), '=', field('component', $.path), optional($.body))),
    provider: ($) => seq(optional('final'), 'provider', field('name', $.identifier), optional(seq('as', field('alias', $.identifier))), $.body),
    keys: ($) => seq('[', $.identifier, optional(seq(',', $.identifier)), 'in', $._expression, ']'),
    condition: ($) => seq('if', $._expression),
    ensure: ($) => seq('ensure', $._expression, 'else', $._expression),
    expect: ($) => prec.right(seq('expect', $._expression, optional(seq('else', $._expression)))),
    remove: ($) => seq('remove', $.target),
    moved: ($) => seq('moved', $.target, '->', $.target),
    forget: ($) => seq('forget', $.target),
    adopt: ($) => seq('adopt', $.target, '=', $._expression),
    amendment: ($) => seq(optional('final'), $.target, $._change),
    _change: ($) => choice(seq(choice('=', '+='), field('value', $._expression)), $.body),
    target: ($) => prec.left(seq(choice($.identifier, $.string), repeat(choice(seq('.', choice($.identifier, $.string)), seq('[', $._expression, ']'))))),

    body: ($) => seq('{', separated(choice($.annotation, $.attribute, $.remove, $.shorthand)), '}'),
    attribute: ($) => seq(optional('final'), $.target, $._change),
    shorthand: ($) => prec(-1, $.identifier),
    annotation: ($) => prec.right(seq('@', field('name', $.identifier), optional($.arguments))),

    _type: ($) => choice($.type_name, $.list_type, $.set_type, $.map_type, $.record_type, $.optional_type, $.secret_type,
      $.refined_type, $.union_type, $.string, $.number, $.negative, $.parenthesized_type, $.function_type),
    type_name: ($) => prec.left(seq($.identifier, optional(seq('.', $.identifier)))),
    list_type: ($) => seq('[', $._type, ']'),
    set_type: ($) => seq('set', '[', $._type, ']'),
    map_type: ($) => prec(1, seq('{', 'string', ':', $._type, optional(','), '}')),
    record_type: ($) => seq('{', separated($.field), '}'),
    field: ($) => seq(field('name', choice($.identifier, $.string)), optional('?'), ':', $._type, optional(seq('=', $._expression))),
    optional_type: ($) => prec(4, seq($._type, '?')),
    secret_type: ($) => prec(3, seq('secret', $._type)),
    refined_type: ($) => prec.left(1, seq($._type, 'where', $._expression)),
    union_type: ($) => prec.left(2, choice(seq($._type, '|', $._type), seq('|', $._type))),
    negative: ($) => seq('-', $.number),
    function_type: ($) => prec.right(seq('(', optional(seq($._type, repeat(seq(',', $._type)))), ')', '->', $._type)),
    parenthesized_type: ($) => seq('(', $._type, ')'),

    _expression: ($) => choice($.identifier, $.number, $.string, $.boolean, $.null, $.list, $.map, $.list_for, $.map_for,
      $.match, $.parenthesized, $.conditional, $.unary, $.binary, $.member, $.offered, $.index, $.call),
    boolean: () => choice('true', 'false'),
    null: () => 'null',
    number: () => /[0-9][A-Za-z0-9_]*(\.[0-9][A-Za-z0-9_]*)*([eE][+-][0-9]+)?%?/,
    parenthesized: ($) => seq('(', $._expression, ')'),
    match: ($) => seq('match', field('subject', $._expression), '{', separated($.arm), '}'),
    arm: ($) => seq(field('pattern', $._pattern), repeat(seq('|', $._pattern)), '=>', field('value', $._expression)),
    _pattern: ($) => choice($.string, $.number, $.negative, $.boolean, $.null, $.identifier),
    lambda: ($) => prec.right(PREC.lambda, seq(choice($.identifier, $.lambda_parameters), '=>', field('body', $._expression))),
    lambda_parameters: ($) => seq('(', optional(seq($.identifier, repeat(seq(',', $.identifier)), optional(','))), ')'),
    conditional: ($) => prec.right(PREC.conditional, seq('if', $._expression, 'then', $._expression, 'else', $._expression)),
    unary: ($) => prec(PREC.unary, seq(choice('-', '!'), $._expression)),
    binary: ($) => choice(
      ...[['||', PREC.or], ['&&', PREC.and], ['??', PREC.coalesce], ['+', PREC.add], ['-', PREC.add], ['*', PREC.multiply],
        ['/', PREC.multiply], ['%', PREC.multiply], ['==', PREC.compare], ['!=', PREC.compare], ['<', PREC.compare],
        ['<=', PREC.compare], ['>', PREC.compare], ['>=', PREC.compare], ['in', PREC.compare]]
        .map(([operator, precedence]) => prec.left(precedence, seq($._expression, field('operator', operator), $._expression)))),
    member: ($) => prec.left(PREC.call, seq($._expression, choice('.', '?.'), field('name', $.identifier))),
    offered: ($) => seq(field('provider', $.identifier), token.immediate('::'), field('name', $.identifier)),
    index: ($) => prec.left(PREC.call, seq($._expression, optional('?.'), '[', $._expression, ']')),
    call: ($) => prec.left(PREC.call, seq(field('function', $._expression), $.arguments)),
    arguments: ($) => seq('(', separated($.argument), ')'),
    argument: ($) => seq(optional(choice('...', seq(field('name', $.identifier), '='))), choice($._expression, $.lambda)),
    list: ($) => seq('[', separated(choice($._expression, $.spread)), ']'),
    map: ($) => seq('{', separated(choice($.pair, $.spread)), '}'),
    pair: ($) => seq(choice($.identifier, $.string, seq('[', $._expression, ']')), optional(seq('=', field('value', $._expression)))),
    spread: ($) => seq('...', $._expression),
    list_for: ($) => seq('[', $._for, $._expression, ']'),
    map_for: ($) => seq('{', $._for, field('key', $._expression), '=>', $._expression, '}'),
    _for: ($) => seq('for', $.identifier, optional(seq(',', $.identifier)), 'in', $._expression, optional($.condition), ':'),

    string: ($) => choice($._line_string, $._block_string),
    _line_string: ($) => seq('"', repeat(choice($.content, $.escape, $.interpolation)), token.immediate('"')),
    content: () => token.immediate(prec(1, /([^"\\$\n]|\$[^{"\\\n])+|\$/)),
    _block_string: ($) => seq('"""', repeat(choice(alias($.block_content, $.content), $.escape, $.interpolation)), token.immediate(prec(2, '"""'))),
    block_content: () => token.immediate(prec(1, /([^"\\$]|\$[^{"\\])+|\$|"|""/)),
    escape: () => token.immediate(/\\(u\{[0-9A-Fa-f]+\}|[^\n])/),
    interpolation: ($) => seq(token.immediate('${'), $._expression, '}'),
  },
});

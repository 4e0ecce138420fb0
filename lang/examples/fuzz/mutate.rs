//! Texts that are nearly right: seeds, changed by bytes or by tokens.

use super::random::Random;

/// What is put in at random places: what opens, closes, and joins, and odd characters.
const PIECES: [&str; 46] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "\"\"\"",
    "${",
    "$",
    "/*",
    "*/",
    "//",
    "///",
    "'",
    ";",
    ",",
    "=",
    "+=",
    "=>",
    "->",
    "|",
    "?",
    "??",
    "?.",
    ".",
    "...",
    "@",
    "if ",
    " then ",
    " else ",
    "for ",
    " in ",
    "match ",
    "super",
    "final ",
    "remove ",
    "\0",
    "\r\n",
    "\u{feff}",
    "ä",
    "1e999999999",
    "0x",
    "99999999999999999999",
    " where it > 0",
    "secret ",
];

/// The longest text that is made.
const LONGEST: usize = 16 << 10;

/// Returns a text with so many changes; other seeds are spliced in.
pub(crate) fn mutated(random: &mut Random, text: &str, seeds: &[String]) -> String {
    let mut text = text.to_owned();
    for _ in 0..1 + random.below(6) {
        if random.one_in(2) {
            by_bytes(random, &mut text)
        } else {
            by_tokens(random, &mut text, seeds)
        }
    }
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

fn by_bytes(random: &mut Random, text: &mut String) {
    let at = text.floor_char_boundary(random.below(text.len() + 1));
    let end = text.ceil_char_boundary((at + 1 + random.below(12)).min(text.len()));
    match random.below(6) {
        0 => text.replace_range(at..end, ""),
        1 => text.insert_str(at, random.pick(&PIECES)),
        2 => {
            let copied = text[at..end].to_owned();
            text.insert_str(at, &copied);
        }
        3 => {
            let letter = char::from_u32(random.next() as u32 % 0x250).unwrap_or(' ');
            text.insert(at, letter);
        }
        4 if random.one_in(4) => text.truncate(at),
        _ => text.replace_range(at..end, random.pick(&PIECES)),
    }
}

fn by_tokens(random: &mut Random, text: &mut String, seeds: &[String]) {
    let ends = tokens(text);
    let token = |at: usize| (at.checked_sub(1).map_or(0, |at| ends[at]))..ends[at];
    if ends.is_empty() {
        return text.push_str(random.pick(&PIECES));
    }
    let one = random.below(ends.len());
    let other = random.below(ends.len());
    match random.below(6) {
        0 => text.replace_range(token(one), ""),
        1 => {
            let copied = text[token(other)].to_owned();
            text.replace_range(token(one), &copied);
        }
        2 => {
            let copied = text[token(other)].to_owned();
            text.insert_str(token(one).start, &copied);
        }
        3 => {
            let (from, to) = (one.min(other), one.max(other).min(one.min(other) + 40));
            let copied = text[token(from).start..token(to).end].to_owned();
            // Nesting grows fast that way.
            for _ in 0..1 + random.below(3) {
                text.insert_str(token(from).start, &copied);
            }
        }
        4 => {
            let to = one.max(other).min(one + 40);
            text.replace_range(token(one.min(to)).start..token(to).end, "");
        }
        _ if !seeds.is_empty() => {
            let seed = &seeds[random.below(seeds.len())];
            let start = seed.floor_char_boundary(random.below(seed.len() + 1));
            let end = seed.ceil_char_boundary((start + random.below(400)).min(seed.len()));
            text.insert_str(token(one).start, &seed[start..end]);
        }
        _ => text.insert_str(token(one).start, random.pick(&PIECES)),
    }
}

/// Returns where tokens end: words, runs of blanks, and single characters.
fn tokens(text: &str) -> Vec<usize> {
    let class = |letter: char| match letter {
        _ if letter.is_alphanumeric() || letter == '_' => 1,
        _ if letter.is_whitespace() => 2,
        _ => 0,
    };
    let mut ends = Vec::new();
    let mut before = None;
    for (at, letter) in text.char_indices() {
        let own = class(letter);
        if before.is_some_and(|before| before != own || own == 0) {
            ends.push(at);
        }
        before = Some(own);
    }
    if before.is_some() {
        ends.push(text.len());
    }
    ends
}

//! Bytes that are none of a tree must be borne.

use syncline_model::FileId;

use super::{read, write};
use crate::syntax::{Parser, parts, pipeline, scanner};

const TEXT: &str = r#"
/// Why.
environment dev extends base with a, b {
  /// A parameter.
  param n: int where it > 0 = -1_000 // why
  let text = "a ${n} \t" + """
    block
    """
  final resource a.b c[k, v in m] if x { y = 1.5; @tag(z = 30s); w { v += [1, ...n] } }
  let f = { for k, v in m if c: "k" => match v { "a" | 1 => x?.y, _ => g(e => e[0]) } }
}
type T = { a: string, b?: [set [int]] } | "x"
fn f<T>(a: T, ...b: secret string?) -> (T) -> any = null
"#;

#[test]
fn no_bytes_make_it_panic_and_true_ones_are_read() {
    let outline = scanner::scan(FileId(0), TEXT);
    let parser = Parser { file: FileId(3), text: TEXT, known: None };
    let parts = pipeline::cut(TEXT, outline.seen());
    let pieces = &parts[0].pieces;
    let range = parts::range(pieces).unwrap();
    let done = parser.part(&parts[0]);
    let bytes = write(TEXT, range.clone(), &done.trees).unwrap();
    let again = |bytes: &[u8]| read(FileId(3), TEXT, range.clone(), pieces, bytes);
    let same = again(&bytes).unwrap();
    assert_eq!(format!("{same:?}"), format!("{:?}", done.trees));
    for at in 0..bytes.len() {
        assert!(again(&bytes[..at]).is_none(), "the first {at} bytes");
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            drop(again(&damaged));
        }
    }
    drop(again(&[0xff; 64]));
    drop(again(&[2, 0, 0, 1]));
}

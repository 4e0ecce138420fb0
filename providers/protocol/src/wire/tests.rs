//! Values on the wire, against the bytes that the Go library makes of them.
//!
//! `golden.txt` is what `go run ./golden` prints in `fixtures`: a type, a value as JSON, its bytes.

use syncline_model::{Type, Value};

use super::decode::decode;
use super::encode::{Extra, encode};
use super::error::CodecErrorKind;
use super::json;
use super::shape::{Member, Shape};

const GOLDEN: &str = include_str!("golden.txt");

struct Row {
    shape: Shape,
    json: &'static str,
    bytes: Vec<u8>,
}

fn golden() -> Vec<Row> {
    let unhex = |text: &str| {
        let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    };
    let row = |line: &'static str| {
        let [ty, json, hex] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        Row { shape: Shape::parse(ty.as_bytes()).unwrap(), json, bytes: unhex(hex) }
    };
    GOLDEN.lines().map(row).collect()
}

#[test]
fn values_take_the_bytes_that_go_gives_them() {
    let rows = golden();
    assert!(rows.len() > 40);
    for Row { shape, json, bytes } in rows {
        let value = json::read(&shape, json.as_bytes()).unwrap();
        assert_eq!(encode(&shape, &value, Extra::Refused).unwrap(), bytes, "{json}");
        assert_eq!(decode(&shape, &bytes).unwrap(), value, "{json}");
        let again = json::write(Some(&shape), &value).unwrap();
        assert_eq!(json::read(&shape, again.as_bytes()).unwrap(), value, "{json} {again}");
    }
}

#[test]
fn no_bytes_bring_the_decoder_down() {
    for Row { shape, bytes, .. } in golden() {
        for end in 0..bytes.len() {
            assert!(decode(&shape, &bytes[..end]).is_err());
        }
        for at in 0..bytes.len() {
            for byte in [0x00, 0x81, 0x92, 0xc0, 0xc1, 0xc6, 0xc9, 0xd4, 0xdb, 0xdd, 0xdf, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = byte;
                // Any answer will do, as long as there is one.
                let _any = decode(&shape, &bytes);
            }
        }
    }
    let deep = [0x91; 1000];
    let mut shape = Shape::String;
    for _ in 0..1000 {
        shape = Shape::List(Box::new(shape));
    }
    assert_eq!(decode(&shape, &deep).unwrap_err().kind, CodecErrorKind::TooDeep);
    let long = [0xdd, 0xff, 0xff, 0xff, 0xff];
    let list = Shape::List(Box::new(Shape::String));
    assert_eq!(decode(&list, &long).unwrap_err().kind, CodecErrorKind::Truncated);
}

#[test]
fn every_extension_is_an_unknown() {
    let refined = [0xc7, 3, 12, 0x81, 0x01, 0xc2];
    for bytes in [&[0xd4, 0, 0][..], &refined, &[0xd4, 99, 1], &[0xc7, 0, 0]] {
        let value = decode(&Shape::Number, bytes).unwrap();
        let Value::Unknown(unknown) = &value else { panic!("{value}") };
        assert_eq!(unknown.ty, Type::Number);
        assert_eq!(encode(&Shape::Number, &value, Extra::Refused).unwrap(), [0xd4, 0, 0][..]);
    }
    let open = decode(&Shape::Dynamic(None), &[0xd4, 0, 0]).unwrap();
    assert_eq!(encode(&Shape::Dynamic(None), &open, Extra::Refused).unwrap(), [0xd4, 0, 0][..]);
}

fn pair() -> Shape {
    Shape::object(vec![
        Member::attribute("name", Shape::String),
        Member {
            is_block: true,
            ..Member::attribute(
                "disk",
                Shape::List(Box::new(Shape::object(vec![Member::attribute("gb", Shape::Number)]))),
            )
        },
    ])
}

#[test]
fn objects_are_complete() {
    let shape = pair();
    let missing = [0x81, 0xa4, b'n', b'a', b'm', b'e', 0xc0];
    let error = decode(&shape, &missing).unwrap_err();
    assert_eq!(error.to_string(), "the attribute `disk` is missing");
    let extra = [0x81, 0xa1, b'x', 0xc0];
    assert_eq!(decode(&shape, &extra).unwrap_err().to_string(), "there is no attribute `x`");
    let value = Value::map([("x", Value::from(1)), ("name", Value::from("n"))]);
    assert_eq!(
        encode(&shape, &value, Extra::Refused).unwrap_err().kind,
        CodecErrorKind::Extra("x".to_owned())
    );
    // What is absent is written as the protocol has it: an empty list for a block.
    let bytes = encode(&shape, &value, Extra::Dropped).unwrap();
    let whole = Value::map([("name", Value::from("n")), ("disk", Value::list([]))]);
    assert_eq!(decode(&shape, &bytes).unwrap(), whole);
}

#[test]
fn errors_say_where() {
    let disk = Value::list([Value::map([("gb", Value::from("big"))])]);
    let error = encode(&pair(), &Value::map([("disk", disk)]), Extra::Refused).unwrap_err();
    assert_eq!(error.to_string(), "`disk[0].gb`: a number is expected, and it is a string");
}

#[test]
fn what_is_open_goes_with_its_type() {
    let element = Shape::object(vec![
        Member::attribute("any", Shape::Dynamic(None)),
        Member::attribute("name", Shape::String),
    ]);
    let block = Shape::Dynamic(Some(Box::new(Shape::List(Box::new(element)))));
    let value = Value::list([
        Value::map([("any", Value::from(1)), ("name", Value::Null)]),
        Value::map([("any", Value::Null), ("name", Value::secret(Value::from("s")))]),
    ]);
    let bytes = encode(&block, &value, Extra::Refused).unwrap();
    let json = r#"["tuple",[["object",{"any":"number","name":"string"}],["object",{"any":"dynamic","name":"string"}]]]"#;
    assert!(bytes.windows(json.len()).any(|window| window == json.as_bytes()), "{bytes:?}");
    let back = decode(&block, &bytes).unwrap();
    assert_eq!(back.as_items().unwrap()[1].attribute("name"), &Value::from("s"));
}

"""Puts alterations of Rust sources beside the sources, so that one build holds all of them and the environment chooses which one acts.

An alteration is a text that takes the place of another. It is put around the smallest expression that contains it and that is still one expression in the
altered file, so that what acts is what the altered file would say:

    a * b    becomes    (match crate::mutation::active() { 7 => a + b, _ => a * b })
"""
import dataclasses
import functools

import tree_sitter
import tree_sitter_rust

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
# What may be chosen between: values, not places.
EXPRESSIONS = {
    "assignment_expression", "binary_expression", "block", "call_expression", "compound_assignment_expr", "for_expression", "if_expression",
    "loop_expression", "macro_invocation", "match_expression", "parenthesized_expression", "return_expression", "struct_expression", "try_expression",
    "type_cast_expression", "unary_expression", "while_expression",
}
LIKE_BLOCKS = {"for_expression", "if_expression", "loop_expression", "match_expression", "while_expression"}
# Nothing in these is evaluated when the program runs.
FIXED = {"array_type", "attribute_item", "const_item", "enum_variant", "macro_definition", "match_pattern", "static_item", "token_tree", "type_arguments"}
# The module that the altered library gets.
MODULE = """
//! Which alteration acts: the number in the environment, 0 for none.
#![allow(missing_docs)]
use std::sync::LazyLock;

static ACTIVE: LazyLock<u32> = LazyLock::new(|| std::env::var("NASPROOF_MUTANT").map_or(0, |number| number.parse().expect("a number")));

#[inline]
pub fn active() -> u32 {
    *ACTIVE
}
"""


@dataclasses.dataclass
class Alteration:
    """`text` in the place of the bytes from `start` to `end` of `file`."""

    number: int
    name: str
    file: str
    start: int
    end: int
    text: bytes
    # How many of the admissible expressions from the inside are passed over: the compiler did not accept a choice there.
    outward: int = 0


def trimmed(source, alteration):
    """The span and the text without what both have in common at either end."""
    old, new = source[alteration.start:alteration.end], alteration.text
    before = 0
    while before < min(len(old), len(new)) and old[before] == new[before]:
        before += 1
    after = 0
    while after < min(len(old), len(new)) - before and old[-1 - after] == new[-1 - after]:
        after += 1
    return alteration.start + before, alteration.end - after, new[before:len(new) - after]


def altered(source, alteration):
    """The file as the alteration alone leaves it."""
    return source[:alteration.start] + alteration.text + source[alteration.end:]


@functools.lru_cache(maxsize=None)
def parsed(source):
    return PARSER.parse(source)


def upwards(node):
    while node is not None:
        yield node
        node = node.parent


def evaluated(node):
    """Whether the node is an expression that is evaluated when the program runs."""
    if node.type not in EXPRESSIONS or node.type == "unary_expression" and node.text.startswith(b"*"):
        return False
    for inner in upwards(node.parent):
        if inner.type in FIXED:
            return False
        if inner.type == "function_item":
            modifiers = next((child.text for child in inner.children if child.type == "function_modifiers"), b"")
            return b"const" not in modifiers.split()
    return False


def site(source, alteration):
    """The expression around which the choice is put, or None where there is none, and its text when altered."""
    start, end, text = trimmed(source, alteration)
    longer = len(text) - (end - start)
    new = PARSER.parse(altered(source, alteration)).root_node
    passed = 0
    for node in upwards(parsed(source).root_node.descendant_for_byte_range(start, end)):
        if not (node.start_byte <= start and end <= node.end_byte and evaluated(node)):
            continue
        there = new.descendant_for_byte_range(node.start_byte, node.end_byte + longer)
        if not any((n.start_byte, n.end_byte) == (node.start_byte, node.end_byte + longer) and n.type in EXPRESSIONS for n in upwards(there)):
            continue
        if passed == alteration.outward:
            return node, source[node.start_byte:start] + text + source[end:node.end_byte]
        passed += 1
    return None, None


@dataclasses.dataclass
class Region:
    """Where in the written file an alternative stands, or, without a number, the choice between several."""

    start: int
    end: int
    numbers: list
    alternative: bool


def embedded(source, alterations):
    """The source with every choice, the regions written, and the numbers that have no place in it."""
    sites, homeless = {}, []
    for alteration in alterations:
        node, text = site(source, alteration)
        if node is None:
            homeless.append(alteration.number)
        else:
            sites.setdefault((node.start_byte, -node.end_byte), (node, []))[1].append((alteration.number, text))
    order = [sites[key] for key in sorted(sites)]
    out, regions = bytearray(), []

    def copy(start, end, index):
        """Writes the source between two positions with the choices from `index` on that lie there, and returns the next."""
        while index < len(order) and order[index][0].start_byte < end:
            out.extend(source[start:order[index][0].start_byte])
            start = order[index][0].end_byte
            index = choose(index)
        out.extend(source[start:end])
        return index

    def choose(index):
        node, alternatives = order[index]
        opening, closing = b"(", b")"
        if node.type == "block" or node.parent.type == "else_clause":
            opening, closing = b"{", b"}"
        elif node.type in LIKE_BLOCKS and node.parent.type in ("block", "expression_statement"):
            opening = closing = b""
        first = len(out)
        out.extend(opening + b"match crate::mutation::active() {")
        for number, text in alternatives:
            out.extend(b" %d => " % number)
            regions.append(Region(len(out), len(out) + len(text), [number], True))
            out.extend(text + b",")
        out.extend(b" _ => ")
        index = copy(node.start_byte, node.end_byte, index + 1)
        out.extend(b" }" + closing)
        regions.append(Region(first, len(out), [number for number, _ in alternatives], False))
        return index

    copy(0, len(source), 0)
    return bytes(out), regions, homeless

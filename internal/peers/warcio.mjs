// What the tests ask of warcio beyond its command line. Each answer is a line
// of JSON on standard output.
//
//   check FILE…   a line a record, digests recomputed from what warcio reads
//   surt          a line for each line (a JSON string) of standard input

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { AsyncIterReader, WARCParser, getSurt } from "warcio";

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function encodeBase32(bytes) {
  let out = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) {
      out += base32[(value >>> (bits - 5)) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? out + base32[(value << (5 - bits)) & 31] : out;
}

// digest computes data's digest by the algorithm and in the spelling of like.
function digest(like, data) {
  const [label] = like.split(":");
  const sum = createHash(label.replace("-", "")).update(data).digest();
  return label + ":" + (label === "sha1" ? encodeBase32(sum) : sum.toString("hex"));
}

// payloadOf takes the chunk framing off a body, and nothing else. It is null
// where warcio cannot tell: it knows only heads and chunks whose lines end with
// CRLF, and reads on behind chunk framing that breaks.
async function payloadOf(record, block, body) {
  if (!record.httpHeaders) {
    return body;
  }
  const text = block.toString("latin1");
  const end = text.search(/\n\r?\n/);
  if (end >= 0 && !text.startsWith("\r\n\r\n", end - 1)) {
    return null;
  }
  const coding = record.httpHeaders.headers.get("Transfer-Encoding") ?? "";
  if (!/(^|[\s,])chunked$/i.test(coding)) {
    return body;
  }
  const reader = new AsyncIterReader([body], null, true);
  const payload = await reader.readFully();
  const untouched = payload.length === body.length && /^[0-9a-f]+[^\n]*\n/i.test(text.slice(block.length - body.length));
  return reader.errored || untouched ? null : payload;
}

function headersOf(record) {
  return [...record.warcHeaders.headers].map(([name, value]) => [name.toLowerCase(), value]);
}

// describe gives what one record says and what is in it.
async function describe(file, raw, rawParser, parsed) {
  const block = Buffer.from(await raw.readFully(false));
  const body = await parsed.readFully(false);
  const payload = await payloadOf(parsed, block, body);
  const answer = {
    filename: basename(file),
    offset: rawParser.offset,
    length: rawParser.recordLength,
    version: raw.warcHeaders.statusline,
    type: raw.warcType,
    id: raw.warcHeader("WARC-Record-ID"),
    uri: raw.warcTargetURI ?? "",
    date: raw.warcDate,
    headers: headersOf(raw),
    block_length: block.length,
    content_length: raw.warcContentLength,
    payload_length: payload?.length ?? -1,
    status: String(parsed.httpHeaders?.statusCode ?? ""),
    http_headers: [...(parsed.httpHeaders?.headers ?? [])].map(([n, v]) => [n.toLowerCase(), v]),
    block_sha1: digest("sha1:", block),
    payload_sha1: payload ? digest("sha1:", payload) : "",
  };
  if (raw.warcBlockDigest) {
    answer.block_ok = digest(raw.warcBlockDigest, block) === raw.warcBlockDigest;
  }
  if (raw.warcPayloadDigest && raw.warcType !== "revisit" && payload) {
    answer.payload_ok = digest(raw.warcPayloadDigest, payload) === raw.warcPayloadDigest;
  }
  return answer;
}

// check reads a file twice in step: for the blocks as they are, and for the
// HTTP messages in them.
async function check(file) {
  const rawParser = new WARCParser(createReadStream(file), { keepHeadersCase: true, parseHttp: false });
  const httpParser = new WARCParser(createReadStream(file), { parseHttp: true });
  for (;;) {
    const raw = await rawParser.parse();
    const parsed = await httpParser.parse();
    if (!raw || !parsed) {
      return;
    }
    // The parser knows a record's length only once its block was read.
    process.stdout.write(JSON.stringify(await describe(file, raw, rawParser, parsed)) + "\n");
  }
}

async function surt() {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(getSurt(JSON.parse(line))) + "\n");
  }
}

const [command, ...files] = process.argv.slice(2);
switch (command) {
  case "check":
    for (const file of files) {
      await check(file);
    }
    break;
  case "surt":
    await surt();
    break;
  default:
    console.error(`warcio.mjs: no command ${command}`);
    process.exit(2);
}

// Checks of a queue manager by IBM's binding: node checks.js QUEUE_MANAGER QUEUE BACKOUT_QUEUE CHECK.
// Each prints `ok` at its end; what is not as it should be ends it with an error.
"use strict";
const assert = require("assert");
const mq = require("ibmmq");
const MQC = mq.MQC;
const [qMgr, queue, backoutQueue, check] = process.argv.slice(2);

const call = (verb, ...args) => new Promise((resolve, reject) =>
  verb.call(mq, ...args, (error, ...results) => (error ? reject(error) : resolve(results[0]))));

async function connect() {
  const cno = new mq.MQCNO();
  cno.Options = MQC.MQCNO_NONE;
  return call(mq.Connx, qMgr, cno);
}

async function open(hConn, name, options) {
  const od = new mq.MQOD();
  od.ObjectName = name;
  od.ObjectType = MQC.MQOT_Q;
  return call(mq.Open, hConn, od, options);
}

async function put(hObj, body, change = {}, options = MQC.MQPMO_NO_SYNCPOINT, hMsg = undefined) {
  const md = new mq.MQMD();
  Object.assign(md, change);
  const pmo = new mq.MQPMO();
  pmo.Options = options | MQC.MQPMO_NEW_MSG_ID;
  if (hMsg !== undefined) pmo.OriginalMsgHandle = hMsg;
  await call(mq.Put, hObj, md, pmo, body);
  return md;
}

// The message, or the reason that there is none.
function get(hObj, options, change = {}, size = 1024, hMsg = undefined) {
  const md = new mq.MQMD();
  Object.assign(md, change);
  const gmo = new mq.MQGMO();
  gmo.Options = options | MQC.MQGMO_FAIL_IF_QUIESCING;
  if (hMsg !== undefined) gmo.MsgHandle = hMsg;
  const buffer = Buffer.alloc(size);
  try {
    const length = mq.GetSync(hObj, md, gmo, buffer);
    return {md, body: buffer.subarray(0, Math.min(length, size)), length};
  } catch (error) {
    return {md, reason: error.mqrc, length: error.jsDatalen};
  }
}

const PLAIN = MQC.MQGMO_NO_SYNCPOINT | MQC.MQGMO_NO_WAIT;

const checks = {
  async text_is_converted(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_OUTPUT | MQC.MQOO_INPUT_AS_Q_DEF);
    const ebcdic = Buffer.from([0xc8, 0xc5, 0xd3, 0xd3, 0xd6]);
    const described = {Format: MQC.MQFMT_STRING, CodedCharSetId: 37, Encoding: 785};
    await put(hObj, ebcdic, described);
    const plain = get(hObj, PLAIN);
    assert.deepStrictEqual(plain.body, ebcdic);
    assert.strictEqual(plain.md.CodedCharSetId, 37);
    assert.strictEqual(plain.md.Encoding, 785);
    await put(hObj, ebcdic, described);
    const converted = get(hObj, PLAIN | MQC.MQGMO_CONVERT, {CodedCharSetId: 1208});
    assert.strictEqual(converted.body.toString(), "HELLO");
    assert.strictEqual(converted.md.CodedCharSetId, 1208);
  },

  async bytes_and_ids_survive(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_OUTPUT | MQC.MQOO_INPUT_AS_Q_DEF);
    const body = Buffer.from([0x00, 0xff, 0x15, 0x25, 0x00, 0x0d, 0x0a]);
    const correlation = Buffer.alloc(24, 0xa5);
    const sent = await put(hObj, body, {CorrelId: correlation, ReplyToQ: backoutQueue,
      Expiry: 6000, Priority: 3, Persistence: MQC.MQPER_PERSISTENT,
      MsgType: MQC.MQMT_REQUEST, Report: MQC.MQRO_PASS_CORREL_ID});
    const got = get(hObj, PLAIN);
    assert.deepStrictEqual(got.body, body);
    assert.deepStrictEqual(Buffer.from(got.md.MsgId), Buffer.from(sent.MsgId));
    assert.deepStrictEqual(Buffer.from(got.md.CorrelId), correlation);
    assert.strictEqual(got.md.ReplyToQ, backoutQueue);
    assert.strictEqual(got.md.Priority, 3);
    assert.strictEqual(got.md.Persistence, MQC.MQPER_PERSISTENT);
    assert.strictEqual(got.md.MsgType, MQC.MQMT_REQUEST);
    assert.strictEqual(got.md.Report, MQC.MQRO_PASS_CORREL_ID);
    assert(got.md.Expiry > 0 && got.md.Expiry <= 6000);
    assert.match(got.md.PutDate, /^20[0-9]{6}$/);
    assert.match(got.md.PutTime, /^[0-9]{8}$/);
    assert.strictEqual(got.md.CodedCharSetId, sent.CodedCharSetId || got.md.CodedCharSetId);
    assert.strictEqual(got.md.Encoding, MQC.MQENC_NATIVE);
  },

  async a_small_buffer_is_told_the_length(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_OUTPUT | MQC.MQOO_INPUT_AS_Q_DEF);
    await put(hObj, Buffer.alloc(100, 1));
    const cut = get(hObj, PLAIN, {}, 10);
    assert.strictEqual(cut.reason, MQC.MQRC_TRUNCATED_MSG_FAILED);
    assert.strictEqual(get(hObj, PLAIN, {}, 100).length, 100);
  },

  async a_poison_message_moves_at_the_threshold(hConn) {
    const hObj = await open(hConn, queue,
      MQC.MQOO_OUTPUT | MQC.MQOO_INPUT_AS_Q_DEF | MQC.MQOO_INQUIRE);
    await put(hObj, Buffer.from("poison"));
    const wanted = [new mq.MQAttr(MQC.MQIA_BACKOUT_THRESHOLD),
      new mq.MQAttr(MQC.MQCA_BACKOUT_REQ_Q_NAME)];
    await call(mq.Inq, hObj, wanted);
    assert.strictEqual(wanted[0].value, 3);
    assert.strictEqual(wanted[1].value.trim(), backoutQueue);
    const inUnit = MQC.MQGMO_SYNCPOINT | MQC.MQGMO_NO_WAIT;
    for (let count = 0; count < 3; ++count) {
      assert.strictEqual(get(hObj, inUnit).md.BackoutCount, count);
      await call(mq.Back, hConn);
    }
    const poison = get(hObj, inUnit);
    assert.strictEqual(poison.md.BackoutCount, 3);
    const od = new mq.MQOD();
    od.ObjectName = backoutQueue;
    const pmo = new mq.MQPMO();
    // The binding does not hand on MQPMO.Context, so the context is set rather than passed.
    pmo.Options = MQC.MQPMO_SYNCPOINT | MQC.MQPMO_SET_ALL_CONTEXT;
    await call(mq.Put1, hConn, od, poison.md, pmo, poison.body);
    await call(mq.Cmit, hConn);
    assert.strictEqual(get(hObj, PLAIN).reason, MQC.MQRC_NO_MSG_AVAILABLE);
    const moved = get(await open(hConn, backoutQueue, MQC.MQOO_INPUT_AS_Q_DEF), PLAIN);
    assert.strictEqual(moved.body.toString(), "poison");
    assert.strictEqual(moved.md.PutDate, poison.md.PutDate);
    assert.strictEqual(moved.md.PutTime, poison.md.PutTime);
  },

  async properties_come_back(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_OUTPUT | MQC.MQOO_INPUT_AS_Q_DEF);
    const hMsg = await call(mq.CrtMh, hConn, new mq.MQCMHO());
    const values = {city: "München <&>", number: -42, flag: true, raw: Buffer.from([0, 255, 7])};
    for (const [name, value] of Object.entries(values))
      mq.SetMp(hConn, hMsg, new mq.MQSMPO(), name, new mq.MQPD(), value);
    await put(hObj, Buffer.from("x"), {Format: MQC.MQFMT_STRING}, MQC.MQPMO_NO_SYNCPOINT, hMsg);
    const got = await call(mq.CrtMh, hConn, new mq.MQCMHO());
    const message = get(hObj, PLAIN | MQC.MQGMO_PROPERTIES_IN_HANDLE, {}, 1024, got);
    assert.strictEqual(message.body.toString(), "x");
    assert.strictEqual(message.md.Format, "MQSTR");
    for (const [name, value] of Object.entries(values)) {
      const buffer = Buffer.alloc(64);
      const found = await new Promise((resolve, reject) => mq.InqMp(hConn, got, new mq.MQIMPO(),
        new mq.MQPD(), name, buffer, (error, _name, one, length) => (error ? reject(error)
          : resolve(Buffer.isBuffer(one) ? one.subarray(0, length) : one))));
      assert.deepStrictEqual(found, value);
    }
  },

  async headers_are_read_back(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_OUTPUT | MQC.MQOO_INPUT_AS_Q_DEF);
    const md = new mq.MQMD();
    md.Format = MQC.MQFMT_STRING;
    const dlh = new mq.MQDLH(md);
    dlh.Reason = MQC.MQRC_Q_FULL;
    dlh.DestQName = "WHERE.IT.WENT";
    await put(hObj, Buffer.concat([dlh.getBuffer(), Buffer.from("body")]), {Format: md.Format});
    const got = get(hObj, PLAIN);
    assert.strictEqual(got.md.Format, MQC.MQFMT_DEAD_LETTER_HEADER.trim());
    const header = mq.MQDLH.getHeader(got.body);
    assert.strictEqual(header.Reason, MQC.MQRC_Q_FULL);
    assert.strictEqual(header.DestQName, "WHERE.IT.WENT");
    assert.strictEqual(got.body.subarray(header.StrucLength).toString(), "body");
  },

  async properties_are_an_rfh2(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_OUTPUT | MQC.MQOO_INPUT_AS_Q_DEF);
    const hMsg = await call(mq.CrtMh, hConn, new mq.MQCMHO());
    mq.SetMp(hConn, hMsg, new mq.MQSMPO(), "city", new mq.MQPD(), "Ulm");
    await put(hObj, Buffer.from("x"), {Format: MQC.MQFMT_STRING}, MQC.MQPMO_NO_SYNCPOINT, hMsg);
    const got = get(hObj, PLAIN | MQC.MQGMO_PROPERTIES_FORCE_MQRFH2);
    assert.strictEqual(got.md.Format, MQC.MQFMT_RF_HEADER_2.trim());
    const header = mq.MQRFH2.getHeader(got.body);
    assert.strictEqual(header.Format, "MQSTR");
    assert.match(mq.MQRFH2.getProperties(header, got.body).toString(), /<city>Ulm<\/city>/);
    assert.strictEqual(got.body.subarray(header.StrucLength).toString(), "x");
  },

  // With a script of faults: the commit answers 2009. What became of the message is then asked by
  // message_is_there and message_is_gone.
  async a_commit_breaks(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_INPUT_AS_Q_DEF);
    assert(get(hObj, MQC.MQGMO_SYNCPOINT | MQC.MQGMO_NO_WAIT).body);
    await assert.rejects(call(mq.Cmit, hConn), (error) =>
      error.mqrc === MQC.MQRC_CONNECTION_BROKEN);
    console.log("ok");
    process.exit(0);
  },

  async a_message_is_put(hConn) {
    await put(await open(hConn, queue, MQC.MQOO_OUTPUT), Buffer.from("x"));
  },

  async a_message_was_backed_out_once(hConn) {
    const got = get(await open(hConn, queue, MQC.MQOO_INPUT_AS_Q_DEF), PLAIN);
    assert.strictEqual(got.md.BackoutCount, 1);
  },

  async no_message_is_there(hConn) {
    const got = get(await open(hConn, queue, MQC.MQOO_INPUT_AS_Q_DEF), PLAIN);
    assert.strictEqual(got.reason, MQC.MQRC_NO_MSG_AVAILABLE);
  },

  async the_process_is_killed_with_a_message(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_INPUT_AS_Q_DEF);
    assert(get(hObj, MQC.MQGMO_SYNCPOINT | MQC.MQGMO_NO_WAIT).body);
    process.kill(process.pid, "SIGKILL");
  },

  // Two records in EBCDIC for the bridge: one with properties, one with a dead-letter header.
  async records_are_put(hConn) {
    const hObj = await open(hConn, queue, MQC.MQOO_OUTPUT);
    const hMsg = await call(mq.CrtMh, hConn, new mq.MQCMHO());
    mq.SetMp(hConn, hMsg, new mq.MQSMPO(), "city", new mq.MQPD(), "München");
    mq.SetMp(hConn, hMsg, new mq.MQSMPO(), "number", new mq.MQPD(), -42);
    await put(hObj, Buffer.from("f0f0f0f0f4f2", "hex"), {CodedCharSetId: 37, Encoding: 785,
      CorrelId: Buffer.alloc(24, 0xa5)}, MQC.MQPMO_NO_SYNCPOINT, hMsg);
    const md = new mq.MQMD();
    const dlh = new mq.MQDLH(md);
    dlh.Reason = MQC.MQRC_Q_FULL;
    dlh.DestQName = "WHERE.IT.WENT";
    dlh.CodedCharSetId = 37;
    await put(hObj, Buffer.concat([dlh.getBuffer(), Buffer.from("f0f0f0f0f4f3", "hex")]),
      {Format: md.Format});
  },

  // What the bridge has published: JSON with the event's attributes as properties.
  async events_are_read(hConn) {
    const hObj = await open(hConn, backoutQueue, MQC.MQOO_INPUT_AS_Q_DEF);
    for (const number of ["000042", "000043"]) {
      const hMsg = await call(mq.CrtMh, hConn, new mq.MQCMHO());
      const event = get(hObj, PLAIN | MQC.MQGMO_PROPERTIES_IN_HANDLE, {}, 4096, hMsg);
      assert.strictEqual(event.md.Format, "MQSTR");
      assert.strictEqual(event.md.CodedCharSetId, 1208);
      assert.strictEqual(event.md.Persistence, MQC.MQPER_PERSISTENT);
      assert.deepStrictEqual(JSON.parse(event.body.toString()), {NO: number});
      const type = await new Promise((resolve, reject) => mq.InqMp(hConn, hMsg, new mq.MQIMPO(),
        new mq.MQPD(), "type", Buffer.alloc(64), (error, _name, value) => (error ? reject(error)
          : resolve(value))));
      assert.strictEqual(type, "com.example.note");
    }
    assert.strictEqual(get(hObj, PLAIN).reason, MQC.MQRC_NO_MSG_AVAILABLE);
  },

  async queues_are_emptied(hConn) {
    for (const name of [queue, backoutQueue]) {
      const hObj = await open(hConn, name, MQC.MQOO_INPUT_AS_Q_DEF);
      while (get(hObj, PLAIN | MQC.MQGMO_ACCEPT_TRUNCATED_MSG).reason !==
             MQC.MQRC_NO_MSG_AVAILABLE) continue;
      await call(mq.Close, hObj, 0);
    }
  },
};

async function main() {
  const hConn = await connect();
  await checks[check](hConn);
  await call(mq.Disc, hConn);
  console.log("ok");
}

main().catch((error) => {
  console.error(error.stack || error);
  process.exit(1);
});

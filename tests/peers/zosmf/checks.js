// Zowe's SDK against z/OSMF or its double: what it writes and reads there, compared with what it
// should be. usage: node checks.js PORT USER PASSWORD CASE [ARGUMENT…]; the last line is "ok".
"use strict";
const assert = require("assert");
const { Readable } = require("stream");
const { Session } = require("@zowe/imperative");
const { Create, CreateDataSetTypeEnum, Delete, Download, Get, List, Rename, Upload } =
  require("@zowe/zos-files-for-zowe-sdk");
const { DeleteJobs, GetJobs } = require("@zowe/zos-jobs-for-zowe-sdk");

const [port, user, password, name, ...rest] = process.argv.slice(2);
const session = new Session({ hostname: "127.0.0.1", port: Number(port), protocol: "http", user,
                              password, type: "basic", rejectUnauthorized: false });

/// Six EBCDIC digits.
const record = (value) => Buffer.from([...String(value).padStart(6, "0")].map((d) => 0xf0 + Number(d)));
/// As X-IBM-Data-Type: record has them.
const framed = (records) => Buffer.concat(records.flatMap((one) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(one.length);
  return [length, one];
}));
const range = (first, count) => Array.from({ length: count }, (_, i) => record(first + i));

/// In record form, as a stream: from a buffer the SDK takes records for text.
const upload = (data, name) =>
  Upload.streamToDataSet(session, Readable.from([data]), name, { record: true });
const allocate = (name, type = CreateDataSetTypeEnum.DATA_SET_SEQUENTIAL) =>
  Create.dataSet(session, type, name);

const cases = {
  async records_come_back_with_their_lengths() {
    const data = framed([Buffer.from([1, 2, 3]), Buffer.alloc(0), ...range(0, 3)]);
    await assert.rejects(upload(data, "HLQ.SDK.REC"));
    await allocate("HLQ.SDK.REC");
    await upload(data, "HLQ.SDK.REC");
    assert.deepStrictEqual(await Get.dataSet(session, "HLQ.SDK.REC", { record: true }), data);
    const plain = await Get.dataSet(session, "HLQ.SDK.REC", { binary: true });
    assert.deepStrictEqual(plain, Buffer.concat([Buffer.from([1, 2, 3]), ...range(0, 3)]));
  },
  async binary_is_as_it_was_sent() {
    const data = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await Create.dataSetLike(session, "HLQ.SDK.BIN", "HLQ.SDK.REC");
    await Upload.bufferToDataSet(session, data, "HLQ.SDK.BIN", { binary: true });
    assert.deepStrictEqual(await Get.dataSet(session, "HLQ.SDK.BIN", { binary: true }), data);
    await Upload.bufferToUssFile(session, "/u/sdk.bin", data, { binary: true });
    assert.deepStrictEqual(await Get.USSFile(session, "/u/sdk.bin", { binary: true }), data);
  },
  async lists_say_what_there_is() {
    const listed = await List.dataSet(session, "HLQ.SDK.*", { attributes: true });
    const names = listed.apiResponse.items.map((item) => item.dsname);
    assert.deepStrictEqual(names, ["HLQ.SDK.BIN", "HLQ.SDK.REC"]);
    assert.strictEqual(listed.apiResponse.items[0].dsorg, "PS");
    const files = await List.fileList(session, "/u");
    const file = files.apiResponse.items.find((item) => item.name === "sdk.bin");
    assert.strictEqual(file.size, 256);
    assert.ok(file.mode.startsWith("-"));
  },
  async members_have_their_own_list() {
    await allocate("HLQ.SDKPDS", CreateDataSetTypeEnum.DATA_SET_PARTITIONED);
    await upload(framed(range(0, 2)), "HLQ.SDKPDS(ONE)");
    await upload(framed(range(2, 2)), "HLQ.SDKPDS(TWO)");
    const listed = await List.allMembers(session, "HLQ.SDKPDS", { attributes: true });
    assert.deepStrictEqual(listed.apiResponse.items.map((item) => item.member), ["ONE", "TWO"]);
  },
  async an_etag_changes_with_the_data() {
    const path = "/tmp/copybridge-sdk-" + process.pid;
    const etag = async () => (await Download.dataSet(session, "HLQ.SDK.BIN",
      { binary: true, returnEtag: true, file: path, overwrite: true })).apiResponse.etag;
    const before = await etag();
    assert.ok(before && before === await etag());
    await Upload.bufferToDataSet(session, Buffer.from("X"), "HLQ.SDK.BIN",
                                 { binary: true, etag: before });
    assert.notStrictEqual(await etag(), before);
    await assert.rejects(Upload.bufferToDataSet(session, Buffer.from("Y"), "HLQ.SDK.BIN",
                                                { binary: true, etag: before }));
    require("fs").unlinkSync(path);
  },
  async data_sets_are_renamed_and_deleted() {
    await Rename.dataSet(session, "HLQ.SDK.BIN", "HLQ.SDK.NEW");
    await Delete.dataSet(session, "HLQ.SDK.NEW");
    await assert.rejects(Get.dataSet(session, "HLQ.SDK.NEW", { binary: true }));
    await Delete.ussFile(session, "/u/sdk.bin");
    await assert.rejects(Get.USSFile(session, "/u/sdk.bin", { binary: true }));
  },
  async the_output_of_jobs_is_read_and_purged() {
    const jobs = await GetJobs.getJobsByOwnerAndPrefix(session, "BRIDGE", "SDK*");
    assert.deepStrictEqual(jobs.map((job) => [job.jobname, job.jobid, job.status]),
                           [["SDKJOB", "JOB00099", "OUTPUT"]]);
    const files = await GetJobs.getSpoolFilesForJob(session, jobs[0]);
    assert.deepStrictEqual(files.map((file) => [file.id, file.ddname, file["record-count"]]),
                           [[2, "JESMSGLG", 1], [3, "SYSPRINT", 2]]);
    const text = await GetJobs.getSpoolContentById(session, "SDKJOB", "JOB00099", 3);
    assert.strictEqual(text, "one\ntwo\n");
    await DeleteJobs.deleteJob(session, "SDKJOB", "JOB00099");
  },
  async wrong_credentials_are_refused() {
    const wrong = new Session({ ...session.ISession, password: "WRONG" });
    await assert.rejects(List.dataSet(wrong, "HLQ.*"), /401|Unauthorized/i);
  },
  async writes(dataSet, first, count) {
    const data = framed(range(Number(first), Number(count)));
    await allocate(dataSet);
    await upload(data, dataSet);
  },
  async reads(pattern, first, count) {
    const listed = await List.dataSet(session, pattern, { attributes: true });
    const found = [];
    for (const item of listed.apiResponse.items) {
      found.push(await Get.dataSet(session, item.dsname, { record: true }));
    }
    const expected = new Set(range(Number(first), Number(count)).map((one) => one.toString("hex")));
    const data = Buffer.concat(found);
    const read = new Set();
    for (let at = 0; at < data.length; at += 10) {
      assert.strictEqual(data.readUInt32BE(at), 6);
      const record = data.subarray(at + 4, at + 10).toString("hex");
      assert.ok(expected.has(record), `nobody wrote ${record}`);
      read.add(record);
    }
    // The writer was killed: some may be there twice.
    assert.strictEqual(read.size, expected.size);
  },
};

cases[name](...rest).then(() => console.log("ok"), (error) => {
  console.log(error);
  process.exit(1);
});

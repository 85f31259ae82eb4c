// Tables of SQLite as source and endpoint: which rows are read, when they go, what refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/odbc_outbox/outbox_adapter.h"
#include "bridge/core/sqlite.h"
#include "bridge/publishers/odbc_outbox_publisher.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::adapters {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using tests::TemporaryDirectory;

class OdbcOutbox : public ::testing::Test {
 protected:
  OdbcOutbox() : database_(*Database::open(folder_.path() / "t.db")) {}

  void sql(const std::string& text) {
    const Result<void> done = database_.execute(text);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::vector<std::string> rows(const std::string& query) {
    auto select = database_.prepare(query);
    EXPECT_TRUE(select) << select.error().message;
    std::vector<std::string> found;
    while (*select->step()) found.push_back(select->text(0));
    return found;
  }
  std::string options(const std::string& more = {}) const {
    return "{connection: 'Driver=SQLite3;Timeout=10;Database=" + folder_.path().string() +
           "/t.db', table: outbox, poll_interval_ms: 10" + more + "}";
  }
  std::unique_ptr<Adapter> make(const std::string& more = {}) {
    Diagnostics diagnostics;
    const Options read = read_options(parse_yaml(options(more), "b.yaml", diagnostics),
                                      kOdbcOutboxAdapter.options, {}, diagnostics);
    auto made = kOdbcOutboxAdapter.make({"out", folder_.path(), nullptr, log_, system_clock()},
                                        read, diagnostics);
    mistake_ = made == nullptr ? diagnostics.first_error(ErrorKind::config).message : "";
    return made;
  }
  void open(const std::string& more = {}) {
    adapter_ = make(more);
    ASSERT_NE(adapter_, nullptr) << mistake_;
    const Result<void> opened = adapter_->open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  RecordBatch next() {
    RecordBatch batch;
    for (int i = 0; i < 100; ++i) {
      const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(50));
      EXPECT_TRUE(status) << status.error().message;
      if (!status || *status == ReadStatus::batch) return batch;
    }
    ADD_FAILURE() << "no rows came";
    return batch;
  }
  bool is_dry() {
    RecordBatch batch;
    const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(20));
    return status && *status == ReadStatus::dry;
  }
  Result<void> settle(const RecordBatch& batch, std::vector<Fate> fates = {}) {
    fates.resize(batch.records.size(), Fate::delivered);
    return adapter_->settle({batch.token, std::move(fates)});
  }
  static std::vector<std::string> bodies(const RecordBatch& batch) {
    std::vector<std::string> found;
    for (const framing::RecordSpan& span : batch.records) {
      const ByteView bytes = batch.bytes.view(span.offset, span.size);
      found.emplace_back(bytes.begin(), bytes.end());
    }
    return found;
  }

  TemporaryDirectory folder_;
  Database database_;
  Log log_{LogLevel::debug, LogFormat::json, system_clock(), [](std::string_view) {}};
  std::unique_ptr<Adapter> adapter_;
  std::string mistake_;
};

constexpr const char* kTable =
    "CREATE TABLE outbox (id INTEGER PRIMARY KEY, payload BLOB, kind TEXT, state TEXT)";

TEST_F(OdbcOutbox, ReadsRowsInTheOrderOfTheirIdsAndDeletesThem) {
  sql(kTable);
  sql("INSERT INTO outbox VALUES (10, X'C1C2', 'b', NULL), (9, X'00FF', 'a', NULL)");
  open(", attribute_columns: [kind]");
  const RecordBatch batch = next();
  EXPECT_EQ(bodies(batch), (std::vector<std::string>{std::string("\x00\xFF", 2), "\xC1\xC2"}));
  EXPECT_EQ(batch.id_prefix, "out/");
  EXPECT_THAT(batch.ids, ElementsAre("9", "10"));
  EXPECT_THAT(batch.record_attributes.at(0), Contains(Pair("outbox-kind", "a")));
  EXPECT_THAT(rows("SELECT id FROM outbox"), ElementsAre("9", "10"));
  EXPECT_TRUE(settle(batch));
  EXPECT_THAT(rows("SELECT id FROM outbox"), IsEmpty());
  EXPECT_TRUE(is_dry());
}

TEST_F(OdbcOutbox, ReadsRowsWithLowerIdsThatWereCommittedLater) {
  sql(kTable);
  sql("INSERT INTO outbox (id, payload) VALUES (5, 'five')");
  open();
  EXPECT_TRUE(settle(next()));
  sql("INSERT INTO outbox (id, payload) VALUES (3, 'three')");
  EXPECT_THAT(bodies(next()), ElementsAre("three"));
}

TEST_F(OdbcOutbox, MarksRowsByWhatBecameOfThem) {
  sql(kTable);
  sql("INSERT INTO outbox (id, payload, state) VALUES (1, 'a', 'NEW'), (2, 'b', 'NEW'), "
      "(3, 'c', 'NEW'), (4, 'd', 'SENT'), (5, 'e', 'NEW')");
  open(
      ", after: mark, status_column: state, status_pending: NEW, status_done: SENT, "
      "status_dead: BAD");
  const RecordBatch batch = next();
  EXPECT_THAT(bodies(batch), ElementsAre("a", "b", "c", "e"));
  EXPECT_TRUE(settle(batch, {Fate::delivered, Fate::dead_lettered, Fate::retry, Fate::filtered}));
  EXPECT_THAT(rows("SELECT state FROM outbox ORDER BY id"),
              ElementsAre("SENT", "BAD", "NEW", "SENT", "SENT"));
  EXPECT_THAT(bodies(next()), ElementsAre("c"));
}

TEST_F(OdbcOutbox, TakesNullForPendingWhereNothingIsSaid) {
  sql(kTable);
  sql("INSERT INTO outbox (id, payload, state) VALUES (1, 'a', NULL), (2, 'b', 'x')");
  open(", after: mark, status_column: state, status_done: done");
  const RecordBatch batch = next();
  EXPECT_THAT(bodies(batch), ElementsAre("a"));
  EXPECT_TRUE(settle(batch));
  EXPECT_THAT(rows("SELECT state FROM outbox ORDER BY id"), ElementsAre("done", "x"));
}

TEST_F(OdbcOutbox, ReadsNoMoreThanItsBounds) {
  sql(kTable);
  for (int i = 1; i <= 250; ++i)
    sql("INSERT INTO outbox (id, payload) VALUES (" + std::to_string(i) + ", 'x')");
  open(", batch_records_max: 240");
  const RecordBatch batch = next();
  EXPECT_EQ(batch.records.size(), 240U);
  EXPECT_TRUE(settle(batch)) << "ids of several statements";
  EXPECT_EQ(rows("SELECT id FROM outbox").size(), 10U);
  adapter_.reset();
  open(", batch_bytes_max: 3");
  EXPECT_EQ(next().records.size(), 3U);
}

TEST_F(OdbcOutbox, TakesIdsThatAreTextAndNamesInQuotes) {
  sql("CREATE TABLE \"Out Box\" (\"Key\" TEXT PRIMARY KEY, payload TEXT)");
  sql("INSERT INTO \"Out Box\" VALUES ('b''2', '{\"ä\":1}'), ('a1', '{}')");
  adapter_ = make();
  std::string given = options(", id_column: '\"Key\"'");
  given.replace(given.find("table: outbox"), 13, "table: '\"Out Box\"'");
  Diagnostics diagnostics;
  const Options read = read_options(parse_yaml(given, "b.yaml", diagnostics),
                                    kOdbcOutboxAdapter.options, {}, diagnostics);
  adapter_ = kOdbcOutboxAdapter.make({"out", folder_.path(), nullptr, log_, system_clock()}, read,
                                     diagnostics);
  ASSERT_NE(adapter_, nullptr);
  ASSERT_TRUE(adapter_->open());
  const RecordBatch batch = next();
  EXPECT_THAT(bodies(batch), ElementsAre("{}", "{\"ä\":1}"));
  EXPECT_THAT(batch.ids, ElementsAre("a1", "b'2"));
  EXPECT_TRUE(settle(batch));
  EXPECT_THAT(rows("SELECT 1 FROM \"Out Box\""), IsEmpty());
}

TEST_F(OdbcOutbox, MakesAFaultOfAPayloadThatIsNoneOrTooLarge) {
  sql(kTable);
  sql("INSERT INTO outbox (id, payload) VALUES (1, NULL), (2, '12345'), (3, '1234')");
  sql("INSERT INTO outbox (id, payload) VALUES (4, zeroblob(200000))");
  open(", payload_bytes_max: 4");
  const RecordBatch batch = next();
  EXPECT_THAT(std::string(batch.fault_of(0)), HasSubstr("no payload"));
  EXPECT_THAT(std::string(batch.fault_of(1)), HasSubstr("payload_bytes_max"));
  EXPECT_EQ(batch.fault_of(2), "");
  EXPECT_THAT(std::string(batch.fault_of(3)), HasSubstr("payload_bytes_max"));
  EXPECT_TRUE(settle(batch, std::vector(4, Fate::dead_lettered)));
  EXPECT_THAT(rows("SELECT id FROM outbox"), IsEmpty());
}

TEST_F(OdbcOutbox, ReadsLongPayloadsWhole) {
  sql(kTable);
  sql("INSERT INTO outbox (id, payload) VALUES (1, CAST(zeroblob(300000) AS BLOB))");
  open();
  EXPECT_EQ(bodies(next()), std::vector{std::string(300'000, '\0')});
}

TEST_F(OdbcOutbox, SettlesLaterWhereTheDatabaseDoesNotTakeItAtOnce) {
  sql(kTable);
  sql("INSERT INTO outbox (id, payload) VALUES (1, 'a')");
  open();
  const RecordBatch batch = next();
  {
    auto writer = Transaction::begin(database_);
    const Result<void> refused = settle(batch);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::source);
  }
  EXPECT_TRUE(settle(batch)) << "on a connection that is new";
  EXPECT_THAT(rows("SELECT id FROM outbox"), IsEmpty());
}

TEST_F(OdbcOutbox, IsReadByOneAloneWhereRowsCannotBeLocked) {
  sql(kTable);
  open();
  const auto other = make();
  const Result<void> refused = other->open();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("another source reads this table"));
  adapter_->close();
  EXPECT_TRUE(other->open());
  const auto several = make(", instances: 2");
  const Result<void> several_opened = several->open();
  ASSERT_FALSE(several_opened);
  EXPECT_EQ(several_opened.error().kind, ErrorKind::config);
}

TEST_F(OdbcOutbox, SaysWhatHasToBeCorrected) {
  auto missing = make();
  const Result<void> opened = missing->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config) << opened.error().message;
  for (const auto& [more, mistake] :
       {std::pair{", id_column: 'id; DROP TABLE x'", "no name of SQL"},
        std::pair{", payload_column: 'a\"b'", "no name of SQL"},
        std::pair{", attribute_columns: ['x y']", "no name of SQL"},
        std::pair{", after: mark", "needs 'status_column'"},
        std::pair{", status_done: x", "needs 'after: mark'"},
        std::pair{", after: mark, status_column: s, status_pending: x, status_done: x",
                  "is 'status_pending'"},
        std::pair{", password: '${env:HOME}'", "needs 'user'"}}) {
    EXPECT_EQ(make(more), nullptr);
    EXPECT_THAT(mistake_, HasSubstr(mistake));
  }
}

class OdbcTable : public OdbcOutbox {
 protected:
  void publish_to(const std::string& more = {}) {
    harness_ = std::make_unique<publishers::Harness>(
        publishers::kOdbcOutboxPublisher,
        "{connection: 'Driver=SQLite3;Database=" + folder_.path().string() + "/t.db'" + more + "}");
    ASSERT_EQ(harness_->mistakes(), "");
    ASSERT_TRUE(harness_->open());
  }
  publishers::EventStore events_;
  std::unique_ptr<publishers::Harness> harness_;
};

TEST_F(OdbcTable, TakesAnEventOnce) {
  sql("CREATE TABLE inbox (id TEXT PRIMARY KEY, payload TEXT, key TEXT, kind TEXT, colour TEXT)");
  publish_to(
      ", table: inbox, key_column: key, type_column: kind, attribute_columns: {colour: red}");
  const auto* event = events_.add_body("one", R"({"A":"ä"})", "K1");
  EXPECT_THAT(harness_->publish_and_wait({event}).outcomes, Each(publishers::Outcome::accepted));
  const auto again = harness_->publish_and_wait({event, events_.add_body("two", "{}")});
  EXPECT_THAT(again.outcomes, Each(publishers::Outcome::accepted)) << again.reason;
  EXPECT_THAT(rows("SELECT id || payload FROM inbox ORDER BY id"),
              ElementsAre("one{\"A\":\"ä\"}", "two{}"));
  EXPECT_THAT(rows("SELECT key FROM inbox ORDER BY id"), ElementsAre("K1", ""));
  EXPECT_THAT(rows("SELECT kind FROM inbox"), Each("com.example.account"));
  EXPECT_THAT(rows("SELECT 1 FROM inbox WHERE colour IS NULL"), ElementsAre("1", "1"));
}

TEST_F(OdbcTable, KeepsTheBytesOfARecord) {
  sql("CREATE TABLE inbox (id TEXT PRIMARY KEY, payload BLOB)");
  publish_to(", table: inbox");
  publishers::Event record = *events_.add_body("one", std::string("\xC1\x00\x2C", 3));
  record.is_record = true;
  EXPECT_THAT(harness_->publish_and_wait({&record}).outcomes, Each(publishers::Outcome::accepted));
  EXPECT_THAT(rows("SELECT hex(payload) FROM inbox"), ElementsAre("C1002C"));
}

TEST_F(OdbcTable, TellsTheRowsThatAreRefusedFromTheirNeighbours) {
  sql("CREATE TABLE inbox (id TEXT PRIMARY KEY, payload TEXT CHECK (length(payload) < 5))");
  publish_to(", table: inbox");
  const auto response =
      harness_->publish_and_wait({events_.add_body("1", "{}"), events_.add_body("2", "{HIDDEN}"),
                                  events_.add_body("3", "{}")});
  EXPECT_THAT(response.outcomes,
              ElementsAre(publishers::Outcome::accepted, publishers::Outcome::permanent,
                          publishers::Outcome::accepted));
  EXPECT_THAT(response.reason, ::testing::Not(HasSubstr("HIDDEN")));
  EXPECT_THAT(rows("SELECT id FROM inbox ORDER BY id"), ElementsAre("1", "3"));
}

TEST_F(OdbcTable, DoesNotTakeAnotherKeyThatIsThereForItsOwn) {
  sql("CREATE TABLE inbox (id TEXT PRIMARY KEY, payload TEXT, key TEXT UNIQUE)");
  publish_to(", table: inbox, key_column: key");
  const auto response = harness_->publish_and_wait(
      {events_.add_body("1", "{}", "K"), events_.add_body("2", "{}", "K")});
  EXPECT_THAT(response.outcomes,
              ElementsAre(publishers::Outcome::accepted, publishers::Outcome::permanent));
}

TEST_F(OdbcTable, IsRefusedWhereTableOrKeyAreNotThere) {
  publish_to(", table: nowhere");
  EXPECT_THAT(harness_->publish_and_wait({events_.add("1")}).outcomes,
              ElementsAre(publishers::Outcome::refused));
  sql("CREATE TABLE keyless (id TEXT, payload TEXT)");
  publish_to(", table: keyless");
  EXPECT_THAT(harness_->publish_and_wait({events_.add("1")}).outcomes,
              ElementsAre(publishers::Outcome::refused));
}

}  // namespace
}  // namespace copybridge::adapters

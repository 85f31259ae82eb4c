// SQLite behind its types, and the state directory.
#include "bridge/core/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/support/temporary_directory.h"

namespace copybridge::tests {
namespace {

using ::testing::HasSubstr;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

class Sqlite : public ::testing::Test {
 protected:
  Sqlite() : database_(std::move(*Database::open(file()))) {
    execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v NOT NULL)");
  }
  [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "test.db"; }
  void execute(std::string_view sql) {
    const Result<void> done = database_.execute(sql);
    EXPECT_TRUE(done) << done.error().message;
  }
  std::int64_t number(std::string_view sql) {
    Result<Statement> query = database_.prepare(sql);
    EXPECT_TRUE(query && query->step().value_or(false)) << sql;
    return query->integer(0);
  }

  TemporaryDirectory directory_;
  Database database_;
};

TEST_F(Sqlite, KeepsNumbersTextsAndBlobs) {
  using namespace std::string_literals;
  const std::uint8_t bytes[] = {0, 255, 0};
  Result<Statement> insert = database_.prepare("SELECT ?, ?, ?, ?");
  insert->bind(1, std::int64_t{-5});
  insert->bind(2, "a\0b"s);
  insert->bind(3, ByteView(bytes));
  insert->bind_null(4);
  ASSERT_TRUE(*insert->step());
  EXPECT_EQ(insert->integer(0), -5);
  EXPECT_EQ(insert->text(1), "a\0b"s);
  EXPECT_EQ(std::vector<std::uint8_t>(insert->blob(2).begin(), insert->blob(2).end()),
            std::vector<std::uint8_t>(std::begin(bytes), std::end(bytes)));
  EXPECT_TRUE(insert->is_null(3));
  EXPECT_FALSE(insert->is_null(0));
}

TEST_F(Sqlite, TellsEmptyTextsAndBlobsFromNull) {
  Result<Statement> query = database_.prepare("SELECT ?, ?");
  query->bind(1, std::string_view());
  query->bind(2, ByteView());
  ASSERT_TRUE(*query->step());
  EXPECT_FALSE(query->is_null(0));
  EXPECT_FALSE(query->is_null(1));
  EXPECT_TRUE(query->blob(1).empty());
}

TEST_F(Sqlite, UsesAStatementAgain) {
  Result<Statement> insert = database_.prepare("INSERT INTO t (v) VALUES (?)");
  for (std::int64_t value = 1; value <= 3; ++value) {
    insert->bind(1, value);
    ASSERT_TRUE(insert->run());
    EXPECT_EQ(database_.last_insert_id(), value);
  }
  execute("DELETE FROM t WHERE v > 1");
  EXPECT_EQ(database_.changes(), 2);
}

TEST_F(Sqlite, ReportsWrongSqlAsStorageError) {
  const Result<Statement> query = database_.prepare("SELECT 1 FROM nowhere");
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().kind, ErrorKind::storage);
  EXPECT_THAT(query.error().message, HasSubstr("no such table: nowhere"));
}

TEST_F(Sqlite, ReportsAFailedStepAndGoesOn) {
  Result<Statement> insert = database_.prepare("INSERT INTO t (k, v) VALUES (1, ?)");
  insert->bind_null(1);
  const Result<void> failed = insert->run();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::storage);
  insert->bind(1, std::int64_t{7});
  EXPECT_TRUE(insert->run());
}

TEST_F(Sqlite, ReportsAFullDiskAsStorageError) {
  execute("PRAGMA max_page_count=3");
  const Result<void> failed = database_.execute("INSERT INTO t (v) VALUES (zeroblob(100000))");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::storage);
  EXPECT_THAT(failed.error().message, HasSubstr("full"));
}

TEST_F(Sqlite, ReportsAFileThatIsNoDatabase) {
  const auto path = directory_.write("noise", std::string(5'000, 'x'));
  const Result<Database> opened = Database::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::storage);
}

TEST_F(Sqlite, ReportsAFolderThatIsNotThere) {
  const Result<Database> opened = Database::open("/nonexistent/test.db");
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("/nonexistent/test.db"));
}

TEST_F(Sqlite, KeepsWhatWasCommitted) {
  {
    Result<Transaction> transaction = Transaction::begin(database_);
    execute("INSERT INTO t (v) VALUES (1)");
    ASSERT_TRUE(transaction->commit());
  }
  EXPECT_EQ(number("SELECT count(*) FROM t"), 1);
}

TEST_F(Sqlite, ForgetsWhatWasNotCommitted) {
  {
    const Result<Transaction> transaction = Transaction::begin(database_);
    execute("INSERT INTO t (v) VALUES (1)");
  }
  EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
}

TEST_F(Sqlite, RollsAMovedTransactionBackOnce) {
  {
    Result<Transaction> first = Transaction::begin(database_);
    execute("INSERT INTO t (v) VALUES (1)");
    const Transaction second = std::move(*first);
  }
  EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
  EXPECT_TRUE(Transaction::begin(database_));
}

TEST_F(Sqlite, SyncsEveryCommit) {
  EXPECT_EQ(number("PRAGMA synchronous"), 2) << "FULL";
  Result<Statement> mode = database_.prepare("PRAGMA journal_mode");
  ASSERT_TRUE(*mode->step());
  EXPECT_EQ(mode->text(0), "wal");
}

// `dead-letters list` beside a running bridge: it must not take itself for the last one and remove
// the journal that the bridge goes on writing to.
TEST_F(Sqlite, KeepsItsJournalWhereAnotherProcessComesAndGoes) {
  const Result<Database> second = Database::open(file());
  ASSERT_TRUE(second);
  const std::string visit = "python3 -c \"import sqlite3; c = sqlite3.connect('" + file().string() +
                            "'); c.execute('SELECT * FROM t').fetchall(); c.close()\"";
  ASSERT_EQ(std::system(visit.c_str()), 0);
  EXPECT_TRUE(std::filesystem::exists(file().string() + "-wal"));
  execute("INSERT INTO t VALUES (1, 'after the visit')");
}

TEST_F(Sqlite, MakesFilesForItsOwnerOnly) {
  const mode_t before = ::umask(0);
  const auto path = directory_.path() / "fresh.db";
  Result<Database> opened = Database::open(path);
  ASSERT_TRUE(opened && opened->execute("CREATE TABLE t (x)"));
  ::umask(before);
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(mode_of(path.string() + "-wal"), 0600U);
}

TEST(StateDirectory, MakesItselfAndItsParentsForItsOwnerOnly) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "var" / "state";
  const mode_t before = ::umask(0);
  const auto state = StateDirectory::open(path);
  ::umask(before);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(mode_of(path), 0700U);
  EXPECT_EQ(mode_of(path / "lock"), 0600U);
  EXPECT_EQ(mode_of(database_path(path)), 0600U);
}

TEST(StateDirectory, ClosesADirectoryThatOthersCouldRead) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "state";
  ASSERT_EQ(::mkdir(path.c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  ASSERT_TRUE(StateDirectory::open(path));
  EXPECT_EQ(mode_of(path), 0700U);
}

TEST(StateDirectory, NamesTheProcessThatHoldsIt) {
  const TemporaryDirectory directory;
  const auto first = StateDirectory::open(directory.path() / "state");
  ASSERT_TRUE(first);
  const auto second = StateDirectory::open(directory.path() / "state");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::storage);
  EXPECT_THAT(second.error().message,
              HasSubstr("is in use by process " + std::to_string(::getpid())));
}

TEST(StateDirectory, IsFreeAgainWhenItIsClosed) {
  const TemporaryDirectory directory;
  { ASSERT_TRUE(StateDirectory::open(directory.path() / "state")); }
  EXPECT_TRUE(StateDirectory::open(directory.path() / "state"));
}

TEST(StateDirectory, StaysHeldWhenItIsMoved) {
  const TemporaryDirectory directory;
  auto first = StateDirectory::open(directory.path() / "state");
  const StateDirectory moved = std::move(*first);
  EXPECT_FALSE(StateDirectory::open(directory.path() / "state"));
}

TEST(StateDirectory, GivesEveryCallerAConnection) {
  const TemporaryDirectory directory;
  const auto state = StateDirectory::open(directory.path() / "state");
  auto first = state->open_database();
  auto second = state->open_database();
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->execute("CREATE TABLE a (x)"));
  EXPECT_TRUE(second->execute("INSERT INTO a VALUES (1)"));
}

TEST(StateDirectory, RefusesWhatANewerVersionWrote) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "state";
  { ASSERT_TRUE(StateDirectory::open(path)); }
  { ASSERT_TRUE(Database::open(database_path(path))->execute("PRAGMA user_version=99")); }
  const auto state = StateDirectory::open(path);
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().message, HasSubstr("newer copybridge (version 99"));
}

TEST(StateDirectory, ReportsAFileInItsPlace) {
  const TemporaryDirectory directory;
  const auto state = StateDirectory::open(directory.write("state", "x"));
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().kind, ErrorKind::storage);
}

}  // namespace
}  // namespace copybridge::tests

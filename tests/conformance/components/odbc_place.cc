// Where the adapter odbc-outbox reads: a table of SQLite.
#include <gtest/gtest.h>

#include "bridge/core/sqlite.h"
#include "tests/conformance/components/place.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;

class Outbox final : public Place {
 public:
  explicit Outbox(const fs::path& folder) : file_(folder / "outbox.db") {
    auto database = Database::open(file_);
    EXPECT_TRUE(database);
    EXPECT_TRUE(database->execute(
        "CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, payload BLOB)"));
  }
  std::string options() const override {
    return "{connection: 'Driver=SQLite3;Database=" + file_.string() +
           "', table: outbox, batch_records_max: 4, poll_interval_ms: 10}";
  }
  void feed(const std::vector<std::string>& records) override {
    auto database = Database::open(file_);
    ASSERT_TRUE(database);
    auto transaction = Transaction::begin(*database);
    auto insert = database->prepare("INSERT INTO outbox (payload) VALUES (?)");
    ASSERT_TRUE(insert);
    for (const std::string& record : records) {
      insert->bind(1,
                   ByteView(reinterpret_cast<const std::uint8_t*>(record.data()), record.size()));
      EXPECT_TRUE(insert->run());
    }
    EXPECT_TRUE(transaction->commit());
  }

 private:
  fs::path file_;
};

const AdapterRig kRigs[] = {{"odbc-outbox", Behind::nothing, make_place<Outbox>},
                            {"odbc-outbox", Behind::spool, make_place<Outbox>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::tests

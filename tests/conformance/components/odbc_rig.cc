// A table of SQLite as endpoint.
#include <gtest/gtest.h>

#include "bridge/core/sqlite.h"
#include "tests/conformance/components/rig.h"

namespace copybridge::publishers {
namespace {

class OdbcRig final : public Rig {
 public:
  OdbcRig() : file_(folder_.path() / "inbox.db") {
    auto database = Database::open(file_);
    EXPECT_TRUE(database);
    EXPECT_TRUE(database->execute("CREATE TABLE inbox (id TEXT PRIMARY KEY, payload TEXT)"));
  }
  std::string options() const override {
    return "{connection: 'Driver=SQLite3;Database=" + file_.string() + "', table: inbox}";
  }
  std::string options_when_away() const override {
    return "{connection: 'Driver=PostgreSQL Unicode;Servername=127.0.0.1;Port=1;Database=x', "
           "table: inbox}";
  }
  std::size_t received() override {
    auto database = Database::open(file_);
    auto count = database->prepare("SELECT COUNT(*) FROM inbox");
    EXPECT_TRUE(count->step());
    return static_cast<std::size_t>(count->integer(0));
  }

 private:
  std::filesystem::path file_;
};

const RigRow kRigs[] = {{"odbc-outbox", "odbc_outbox", make_rig<OdbcRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers

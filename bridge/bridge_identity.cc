// A table of one row.
#include "bridge/bridge_identity.h"

#include <fmt/format.h>

#include <random>

namespace copybridge::bridge {

Result<std::string> bridge_identity(const StateDirectory& state) {
  Result<Database> database = state.open_database();
  if (!database) return pass_on(database);
  Result<void> made = database->execute(
      "CREATE TABLE IF NOT EXISTS identity (only INTEGER PRIMARY KEY CHECK (only = 1),"
      " value TEXT NOT NULL)");
  if (!made) return pass_on(made);
  Result<Statement> insert = database->prepare("INSERT OR IGNORE INTO identity VALUES (1, ?)");
  if (!insert) return pass_on(insert);
  std::random_device random;
  insert->bind(1, fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random()));
  made = insert->run();
  if (!made) return pass_on(made);
  Result<Statement> query = database->prepare("SELECT value FROM identity");
  if (!query) return pass_on(query);
  const Result<bool> found = query->step();
  if (!found) return pass_on(found);
  return std::string(query->text(0));
}

}  // namespace copybridge::bridge

// The table of destinations.
#include "bridge/proven_endpoints.h"

namespace copybridge::bridge {

Result<ProvenEndpoints> ProvenEndpoints::open(Database database) {
  const Result<void> made = database.execute(
      "CREATE TABLE IF NOT EXISTS destinations (source TEXT NOT NULL, destination TEXT NOT NULL,"
      " configuration TEXT NOT NULL, proven INTEGER NOT NULL, PRIMARY KEY (source, destination))");
  if (!made) return pass_on(made);
  return ProvenEndpoints(std::move(database));
}

Result<bool> ProvenEndpoints::is_proven(const std::string& source, const std::string& destination,
                                        const std::string& configuration) {
  Result<Statement> query = database_.prepare(
      "SELECT proven FROM destinations WHERE source = ? AND destination = ? AND configuration = ?");
  if (!query) return pass_on(query);
  query->bind(1, source);
  query->bind(2, destination);
  query->bind(3, configuration);
  const Result<bool> found = query->step();
  if (!found) return pass_on(found);
  return *found && query->integer(0) != 0;
}

Result<void> ProvenEndpoints::store(const std::string& source, const std::string& destination,
                                    const std::string& configuration, bool is_proven) {
  Result<Statement> insert =
      database_.prepare("INSERT OR REPLACE INTO destinations VALUES (?, ?, ?, ?)");
  if (!insert) return pass_on(insert);
  insert->bind(1, source);
  insert->bind(2, destination);
  insert->bind(3, configuration);
  insert->bind(4, std::int64_t{is_proven ? 1 : 0});
  return insert->run();
}

Result<void> remember_proof(std::shared_ptr<ProvenEndpoints> known, const std::string& source,
                            const std::string& configuration, Delivery& delivery) {
  const Result<bool> proven = known->is_proven(source, delivery.name(), configuration);
  if (!proven) return pass_on(proven);
  delivery.remember(*proven, [known = std::move(known), source, name = delivery.name(),
                              configuration](bool is_proven) {
    return known->store(source, name, configuration, is_proven);
  });
  return {};
}

}  // namespace copybridge::bridge

// The table of dead letters.
#include "bridge/dead_letters.h"

#include <fmt/format.h>

#include "bridge/core/log.h"

namespace copybridge::bridge {
namespace {

constexpr std::string_view kColumns =
    "id, record_id, destination, source, attributes, position, mapping, mapping_hash, copybook, "
    "copybook_hash, field_path, field_offset, field_byte, found, expected, message, record, "
    "record_time, time, event_key";

constexpr std::string_view kTable =
    "CREATE TABLE IF NOT EXISTS dead_letters ("
    " row INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL, record_id TEXT NOT NULL, destination TEXT NOT NULL, source TEXT NOT NULL,"
    " attributes TEXT NOT NULL, position INTEGER NOT NULL, mapping TEXT NOT NULL,"
    " mapping_hash TEXT NOT NULL, copybook TEXT NOT NULL, copybook_hash TEXT NOT NULL,"
    " field_path TEXT NOT NULL, field_offset INTEGER NOT NULL, field_byte INTEGER NOT NULL,"
    " found TEXT NOT NULL, expected TEXT NOT NULL, message TEXT NOT NULL, record BLOB NOT NULL,"
    " record_time TEXT NOT NULL, time TEXT NOT NULL, event_key TEXT NOT NULL DEFAULT '',"
    " UNIQUE (id, destination))";

/// Found without a look at the records, which may be many and large.
constexpr std::string_view kKeys =
    "CREATE INDEX IF NOT EXISTS dead_letter_keys ON dead_letters"
    " (source, row, id, destination, event_key) WHERE event_key <> ''";

ByteView bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void bind(Statement& insert, const DeadLetter& letter) {
  int index = 0;
  for (const std::string* text :
       {&letter.id, &letter.record_id, &letter.destination, &letter.source, &letter.attributes}) {
    insert.bind(++index, *text);
  }
  insert.bind(++index, static_cast<std::int64_t>(letter.position));
  for (const std::string* text : {&letter.mapping, &letter.mapping_hash, &letter.copybook,
                                  &letter.copybook_hash, &letter.field.path}) {
    insert.bind(++index, *text);
  }
  insert.bind(++index, std::int64_t{letter.field.offset});
  insert.bind(++index, std::int64_t{letter.field.byte});
  for (const std::string* text :
       {&letter.field.found, &letter.field.expected, &letter.field.message}) {
    insert.bind(++index, *text);
  }
  insert.bind(++index, bytes_of(letter.record));
  insert.bind(++index, letter.record_time);
  insert.bind(++index, letter.time);
  insert.bind(++index, letter.key);
}

/// Reads the columns of kColumns from column `index` on.
DeadLetter read(const Statement& row, int index) {
  DeadLetter letter;
  for (std::string* text :
       {&letter.id, &letter.record_id, &letter.destination, &letter.source, &letter.attributes}) {
    *text = row.text(index++);
  }
  letter.position = static_cast<std::uint64_t>(row.integer(index++));
  for (std::string* text : {&letter.mapping, &letter.mapping_hash, &letter.copybook,
                            &letter.copybook_hash, &letter.field.path}) {
    *text = row.text(index++);
  }
  letter.field.offset = static_cast<std::uint32_t>(row.integer(index++));
  letter.field.byte = static_cast<std::uint32_t>(row.integer(index++));
  for (std::string* text : {&letter.field.found, &letter.field.expected, &letter.field.message}) {
    *text = row.text(index++);
  }
  const ByteView record = row.blob(index++);
  letter.record.assign(reinterpret_cast<const char*>(record.data()), record.size());
  letter.record_time = row.text(index++);
  letter.time = row.text(index++);
  letter.key = row.text(index);
  return letter;
}

/// What an older bridge has made has no keys.
Result<void> add_key(Database& database) {
  Result<Statement> known =
      database.prepare("SELECT 1 FROM pragma_table_info('dead_letters') WHERE name = 'event_key'");
  if (!known) return pass_on(known);
  const Result<bool> found = known->step();
  if (!found) return pass_on(found);
  known->reset();
  if (!*found) {
    Result<void> added =
        database.execute("ALTER TABLE dead_letters ADD COLUMN event_key TEXT NOT NULL DEFAULT ''");
    if (!added) return added;
  }
  return database.execute(kKeys);
}

Result<std::vector<DeadLetter>> read_all(Statement& query, std::int64_t* last_row) {
  std::vector<DeadLetter> letters;
  for (;;) {
    const Result<bool> row = query.step();
    if (!row) return pass_on(row);
    if (!*row) return letters;
    if (last_row != nullptr) *last_row = query.integer(0);
    letters.push_back(read(query, 1));
  }
}

}  // namespace

std::string to_json(const DeadLetter& letter, bool with_record) {
  std::string json = "{";
  const auto add = [&](std::string_view name, std::string_view value) {
    append_json_member(json, name, value);
  };
  const auto add_number = [&](std::string_view name, std::uint64_t value) {
    json += fmt::format(R"(,"{}":{})", name, value);
  };
  add("id", letter.id);
  add("destination", letter.destination);
  add("source", letter.source);
  add("mapping", letter.mapping);
  add("mapping_hash", letter.mapping_hash);
  add("copybook", letter.copybook);
  add("copybook_hash", letter.copybook_hash);
  add("reason", letter.field.message);
  add("field", letter.field.path);
  add_number("offset", letter.field.offset);
  add_number("byte", letter.field.byte);
  add("found", letter.field.found);
  add("expected", letter.field.expected);
  add_number("position", letter.position);
  json += ",\"attributes\":" + letter.attributes;
  add("record_time", letter.record_time);
  add("time", letter.time);
  if (!letter.key.empty()) json += R"(,"blocks_key":true)";
  add_number("bytes", letter.record.size());
  if (with_record) {
    add("record_hex", to_hex({reinterpret_cast<const std::uint8_t*>(letter.record.data()),
                              letter.record.size()}));
  }
  return json + "}";
}

Result<DeadLetterStore> DeadLetterStore::open(Database database) {
  const Result<void> made = database.execute(kTable);
  if (!made) return pass_on(made);
  const Result<void> added = add_key(database);
  if (!added) return pass_on(added);
  return DeadLetterStore(std::move(database));
}

Result<void> DeadLetterStore::store(std::span<const DeadLetter> letters) {
  Result<Transaction> transaction = Transaction::begin(database_);
  if (!transaction) return pass_on(transaction);
  Result<Statement> insert =
      database_.prepare("INSERT OR REPLACE INTO dead_letters (" + std::string(kColumns) +
                        ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!insert) return pass_on(insert);
  for (const DeadLetter& letter : letters) {
    bind(*insert, letter);
    Result<void> inserted = insert->run();
    if (!inserted) return inserted;
  }
  return transaction->commit();
}

Result<std::vector<DeadLetter>> DeadLetterStore::list(const std::string& source,
                                                      const std::string& destination,
                                                      std::size_t limit, std::int64_t& after) {
  Result<Statement> query =
      database_.prepare("SELECT row, " + std::string(kColumns) +
                        " FROM dead_letters WHERE row > ?1 AND (?2 = '' OR source = ?2)"
                        " AND (?3 = '' OR destination = ?3) ORDER BY row LIMIT ?4");
  if (!query) return pass_on(query);
  query->bind(1, after);
  query->bind(2, source);
  query->bind(3, destination);
  query->bind(4, static_cast<std::int64_t>(limit));
  return read_all(*query, &after);
}

Result<std::vector<BlockingLetter>> DeadLetterStore::blocking(const std::string& source) {
  Result<Statement> query = database_.prepare(
      "SELECT id, destination, event_key FROM dead_letters"
      " WHERE source = ? AND event_key <> '' ORDER BY row");
  if (!query) return pass_on(query);
  query->bind(1, source);
  std::vector<BlockingLetter> letters;
  for (;;) {
    const Result<bool> row = query->step();
    if (!row) return pass_on(row);
    if (!*row) return letters;
    letters.push_back({query->text(0), query->text(1), query->text(2)});
  }
}

Result<std::vector<DeadLetter>> DeadLetterStore::find(const std::string& id) {
  Result<Statement> query = database_.prepare("SELECT row, " + std::string(kColumns) +
                                              " FROM dead_letters WHERE id = ? ORDER BY row");
  if (!query) return pass_on(query);
  query->bind(1, id);
  return read_all(*query, nullptr);
}

Result<std::uint64_t> DeadLetterStore::count() {
  Result<Statement> query = database_.prepare("SELECT count(*) FROM dead_letters");
  if (!query) return pass_on(query);
  const Result<bool> row = query->step();
  if (!row) return pass_on(row);
  return static_cast<std::uint64_t>(query->integer(0));
}

Result<bool> DeadLetterStore::remove(const std::string& id, const std::string& destination) {
  Result<Statement> removal =
      database_.prepare("DELETE FROM dead_letters WHERE id = ? AND destination = ?");
  if (!removal) return pass_on(removal);
  removal->bind(1, id);
  removal->bind(2, destination);
  const Result<void> removed = removal->run();
  if (!removed) return pass_on(removed);
  return database_.changes() > 0;
}

}  // namespace copybridge::bridge

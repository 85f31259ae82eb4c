// SQL of the arrivals.
#include "adapters/file/arrivals.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace copybridge::adapters::file {
namespace {

// Names are bytes, not text: a path is a BLOB. Numbers of 64 bits are stored by their bits.
constexpr std::string_view kTables = R"sql(
  CREATE TABLE IF NOT EXISTS file_numbers (
    adapter TEXT PRIMARY KEY, last_number INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS file_arrivals (
    adapter TEXT NOT NULL, number INTEGER NOT NULL, path BLOB NOT NULL,
    device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    trigger_device INTEGER NOT NULL, trigger_inode INTEGER NOT NULL,
    trigger_size INTEGER NOT NULL, trigger_mtime_ns INTEGER NOT NULL,
    stage INTEGER NOT NULL, fault INTEGER NOT NULL,
    position INTEGER NOT NULL, block_left INTEGER NOT NULL, bdw_found INTEGER NOT NULL,
    framed INTEGER NOT NULL, settled INTEGER NOT NULL, digest BLOB NOT NULL,
    control TEXT NOT NULL,
    delivered INTEGER NOT NULL, filtered INTEGER NOT NULL, bad INTEGER NOT NULL,
    touched INTEGER NOT NULL, missing_since INTEGER,
    PRIMARY KEY (adapter, number)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS file_arrivals_inode ON file_arrivals (adapter, inode);
  CREATE INDEX IF NOT EXISTS file_arrivals_path ON file_arrivals (adapter, path);
  CREATE INDEX IF NOT EXISTS file_arrivals_unfinished ON file_arrivals (adapter, stage)
    WHERE stage < 5;
)sql";

// The planner would rather walk the primary key, which is every arrival of the adapter.
constexpr std::string_view kSelect =
    "SELECT number, path, device, inode, size, mtime_ns, trigger_device, trigger_inode, "
    "trigger_size, trigger_mtime_ns, stage, fault, position, block_left, bdw_found, framed, "
    "settled, digest, control, delivered, filtered, bad FROM file_arrivals INDEXED BY ";

constexpr std::string_view kInsert =
    "INSERT OR REPLACE INTO file_arrivals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
    "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, unixepoch(), NULL)";

/// A file that was away for this long, in seconds, is new when it comes back.
constexpr std::int64_t kForgetAfter = 30LL * 24 * 3600;

std::int64_t bits(std::uint64_t value) { return static_cast<std::int64_t>(value); }

ByteView bytes_of(const std::filesystem::path& path) {
  const std::string& name = path.native();
  return {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()};
}

std::filesystem::path path_of(ByteView bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// Columns one after another.
class Row {
 public:
  explicit Row(const Statement& statement) : statement_(statement) {}
  std::int64_t number() { return statement_.integer(column_++); }
  std::uint64_t unsigned_number() { return static_cast<std::uint64_t>(number()); }
  ByteView blob() { return statement_.blob(column_++); }
  std::string text() { return statement_.text(column_++); }

 private:
  const Statement& statement_;
  int column_ = 0;
};

Signature read_signature(Row& row) {
  Signature signature;
  signature.device = row.unsigned_number();
  signature.inode = row.unsigned_number();
  signature.size = row.unsigned_number();
  signature.mtime_ns = row.number();
  return signature;
}

Checkpoint read_checkpoint(Row& row) {
  Checkpoint checkpoint;
  checkpoint.framing.position = row.unsigned_number();
  checkpoint.framing.block_left = row.unsigned_number();
  checkpoint.framing.bdw_found = static_cast<std::int8_t>(row.number());
  checkpoint.framed = checkpoint.framing.records = row.unsigned_number();
  checkpoint.settled = row.unsigned_number();
  const ByteView digest = row.blob();
  std::copy_n(digest.begin(), std::min(digest.size(), checkpoint.digest.size()),
              checkpoint.digest.begin());
  checkpoint.control = row.text();
  return checkpoint;
}

Arrival read_arrival(const Statement& statement) {
  Row row(statement);
  Arrival arrival;
  arrival.number = row.unsigned_number();
  arrival.path = path_of(row.blob());
  arrival.signature = read_signature(row);
  arrival.trigger = read_signature(row);
  arrival.stage = static_cast<Stage>(row.number());
  arrival.fault = static_cast<Fault>(row.number());
  arrival.checkpoint = read_checkpoint(row);
  arrival.counts.delivered = row.unsigned_number();
  arrival.counts.filtered = row.unsigned_number();
  arrival.counts.bad = row.unsigned_number();
  return arrival;
}

int bind_signature(Statement& statement, int index, const Signature& signature) {
  statement.bind(index++, bits(signature.device));
  statement.bind(index++, bits(signature.inode));
  statement.bind(index++, bits(signature.size));
  statement.bind(index++, signature.mtime_ns);
  return index;
}

int bind_checkpoint(Statement& statement, int index, const Checkpoint& checkpoint) {
  statement.bind(index++, bits(checkpoint.framing.position));
  statement.bind(index++, bits(checkpoint.framing.block_left));
  statement.bind(index++, std::int64_t{checkpoint.framing.bdw_found});
  statement.bind(index++, bits(checkpoint.framed));
  statement.bind(index++, bits(checkpoint.settled));
  statement.bind(index++, ByteView(checkpoint.digest));
  statement.bind(index++, std::string_view(checkpoint.control));
  return index;
}

}  // namespace

Result<ArrivalTable> ArrivalTable::open(const StateDirectory& state, std::string adapter) {
  Result<Database> database = state.open_database();
  if (!database) return pass_on(database);
  ArrivalTable table(std::move(*database), std::move(adapter));
  const Result<void> made = table.database_.execute(kTables);
  if (!made) return pass_on(made);
  const Result<void> prepared = table.prepare();
  if (!prepared) return pass_on(prepared);
  return table;
}

Result<void> ArrivalTable::prepare() {
  const std::string select(kSelect);
  const std::array<std::pair<Statement*, std::string>, 9> statements = {{
      {&number_,
       "INSERT INTO file_numbers VALUES (?1, 1) ON CONFLICT DO UPDATE SET "
       "last_number = last_number + 1 RETURNING last_number"},
      {&insert_, std::string(kInsert)},
      {&drop_path_,
       "DELETE FROM file_arrivals INDEXED BY file_arrivals_path "
       "WHERE adapter = ?1 AND path = ?2 AND stage = 5"},
      {&drop_inode_,
       "DELETE FROM file_arrivals INDEXED BY file_arrivals_inode "
       "WHERE adapter = ?1 AND inode = ?2 AND device = ?3 AND stage = 5"},
      {&remove_, "DELETE FROM file_arrivals WHERE adapter = ?1 AND number = ?2"},
      {&mark_missing_,
       "UPDATE file_arrivals SET missing_since = ?3 WHERE adapter = ?1 AND number = ?2"},
      {&by_stages_, select +
                        "file_arrivals_unfinished WHERE adapter = ?1 AND stage BETWEEN ?2 AND ?3 "
                        "AND stage < 5 ORDER BY number"},
      {&by_inode_, select + "file_arrivals_inode WHERE adapter = ?1 AND inode = ?2 "
                            "ORDER BY number DESC"},
      {&by_path_, select + "file_arrivals_path WHERE adapter = ?1 AND path = ?2 "
                           "ORDER BY number DESC LIMIT 1"},
  }};
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = database_.prepare(sql);
    if (!prepared) return pass_on(prepared);
    *statement = std::move(*prepared);
  }
  return {};
}

Result<std::uint64_t> ArrivalTable::next_number() {
  number_.bind(1, std::string_view(adapter_));
  const Result<bool> row = number_.step();
  if (!row) return pass_on(row);
  const auto number = static_cast<std::uint64_t>(number_.integer(0));
  number_.reset();
  return number;
}

void ArrivalTable::bind_all(Statement& statement, const Arrival& arrival) const {
  int index = 1;
  statement.bind(index++, std::string_view(adapter_));
  statement.bind(index++, bits(arrival.number));
  statement.bind(index++, bytes_of(arrival.path));
  index = bind_signature(statement, index, arrival.signature);
  index = bind_signature(statement, index, arrival.trigger);
  statement.bind(index++, static_cast<std::int64_t>(arrival.stage));
  statement.bind(index++, static_cast<std::int64_t>(arrival.fault));
  index = bind_checkpoint(statement, index, arrival.checkpoint);
  statement.bind(index++, bits(arrival.counts.delivered));
  statement.bind(index++, bits(arrival.counts.filtered));
  statement.bind(index++, bits(arrival.counts.bad));
}

/// Two statements: each has its index.
Result<void> ArrivalTable::drop_finished(const Arrival& arrival) {
  drop_path_.bind(1, std::string_view(adapter_));
  drop_path_.bind(2, bytes_of(arrival.path));
  Result<void> dropped = drop_path_.run();
  if (!dropped) return dropped;
  drop_inode_.bind(1, std::string_view(adapter_));
  drop_inode_.bind(2, bits(arrival.signature.inode));
  drop_inode_.bind(3, bits(arrival.signature.device));
  return drop_inode_.run();
}

Result<void> ArrivalTable::insert(Arrival& arrival) {
  Result<Transaction> transaction = Transaction::begin(database_);
  if (!transaction) return pass_on(transaction);
  const Result<std::uint64_t> number = next_number();
  if (!number) return pass_on(number);
  const Result<void> dropped = drop_finished(arrival);
  if (!dropped) return pass_on(dropped);
  Arrival numbered = arrival;
  numbered.number = *number;
  bind_all(insert_, numbered);
  const Result<void> inserted = insert_.run();
  if (!inserted) return pass_on(inserted);
  Result<void> committed = transaction->commit();
  if (committed) arrival.number = *number;
  return committed;
}

Result<void> ArrivalTable::update(const Arrival& arrival) {
  bind_all(insert_, arrival);
  return insert_.run();
}

Result<void> ArrivalTable::remove(std::uint64_t number) {
  remove_.bind(1, std::string_view(adapter_));
  remove_.bind(2, bits(number));
  return remove_.run();
}

Result<std::vector<Arrival>> ArrivalTable::rows_of(Statement& query) {
  query.bind(1, std::string_view(adapter_));
  std::vector<Arrival> arrivals;
  while (true) {
    const Result<bool> row = query.step();
    if (!row) return pass_on(row);
    if (!*row) break;
    arrivals.push_back(read_arrival(query));
  }
  query.reset();
  return arrivals;
}

Result<std::vector<Arrival>> ArrivalTable::unfinished() {
  by_stages_.bind(2, static_cast<std::int64_t>(Stage::reading));
  by_stages_.bind(3, static_cast<std::int64_t>(Stage::finishing));
  Result<std::vector<Arrival>> arrivals = rows_of(by_stages_);
  if (arrivals) {
    std::erase_if(*arrivals, [](const Arrival& one) { return one.stage == Stage::following; });
  }
  return arrivals;
}

Result<std::vector<Arrival>> ArrivalTable::following() {
  by_stages_.bind(2, static_cast<std::int64_t>(Stage::following));
  by_stages_.bind(3, static_cast<std::int64_t>(Stage::following));
  return rows_of(by_stages_);
}

Result<std::vector<Arrival>> ArrivalTable::of_inode(std::uint64_t inode) {
  by_inode_.bind(2, bits(inode));
  return rows_of(by_inode_);
}

Result<std::optional<Arrival>> ArrivalTable::of_path(const std::filesystem::path& path) {
  by_path_.bind(2, bytes_of(path));
  Result<std::vector<Arrival>> arrivals = rows_of(by_path_);
  if (!arrivals) return pass_on(arrivals);
  if (arrivals->empty()) return std::optional<Arrival>();
  return std::optional<Arrival>(std::move(arrivals->front()));
}

Result<std::vector<ArrivalTable::Old>> ArrivalTable::untouched_since(std::int64_t limit) {
  Result<Statement> query = database_.prepare(
      "SELECT number, path, missing_since FROM file_arrivals "
      "WHERE adapter = ?1 AND stage = 5 AND touched < ?2");
  if (!query) return pass_on(query);
  query->bind(1, std::string_view(adapter_));
  query->bind(2, limit);
  std::vector<Old> rows;
  while (true) {
    const Result<bool> row = query->step();
    if (!row) return pass_on(row);
    if (!*row) return rows;
    rows.push_back({static_cast<std::uint64_t>(query->integer(0)), path_of(query->blob(1)), {}});
    if (!query->is_null(2)) rows.back().missing_since = query->integer(2);
  }
}

Result<void> ArrivalTable::forget_missing(
    WallTime now, const std::function<bool(const std::filesystem::path&)>& is_missing) {
  const std::int64_t now_s =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::int64_t limit = now_s - kForgetAfter;
  Result<Transaction> transaction = Transaction::begin(database_);
  if (!transaction) return pass_on(transaction);
  const Result<std::vector<Old>> rows = untouched_since(limit);
  if (!rows) return pass_on(rows);
  for (const Old& row : *rows) {
    const bool is_gone = is_missing(row.path);
    const bool is_forgotten = is_gone && row.missing_since && *row.missing_since < limit;
    Result<void> done;
    if (is_forgotten) {
      done = remove(row.number);
    } else if (is_gone != row.missing_since.has_value()) {
      done = mark_missing(row.number, is_gone ? std::optional(now_s) : std::nullopt);
    }
    if (!done) return done;
  }
  return transaction->commit();
}

Result<void> ArrivalTable::mark_missing(std::uint64_t number, std::optional<std::int64_t> since) {
  mark_missing_.bind(1, std::string_view(adapter_));
  mark_missing_.bind(2, bits(number));
  since ? mark_missing_.bind(3, *since) : mark_missing_.bind_null(3);
  return mark_missing_.run();
}

}  // namespace copybridge::adapters::file

// From rows to records, and what becomes of the rows.
#include "adapters/odbc_outbox/outbox_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace copybridge::adapters::odbc_outbox {
namespace {

using odbc::Statement;

/// Ids of one DELETE or UPDATE.
constexpr std::size_t kIdsPerStatement = 100;
constexpr std::chrono::seconds kLagInterval{30};
constexpr std::uint16_t kIdColumn = 1;
constexpr std::uint16_t kPayloadColumn = 2;
constexpr std::uint16_t kFirstAttribute = 3;

std::string marks_of(std::size_t count) {
  std::string marks;
  for (std::size_t i = 0; i < count; ++i) marks += i == 0 ? "?" : ", ?";
  return marks;
}

Statement::Value value_of(const std::string& text, std::int16_t sql_type) {
  return {.text = text, .type = Statement::Type::text, .sql_type = sql_type};
}

}  // namespace

Result<void> OutboxSource::open() {
  let_go();
  Result<void> connected = connection_.connect();
  if (!connected) return connected;
  Result<void> prepared = prepare();
  if (!prepared) let_go();
  return prepared;
}

Result<void> OutboxSource::prepare() {
  if (!connection_.dialect().skips_locked) {
    if (settings_.has_instances) {
      return fail(ErrorKind::config,
                  "odbc-outbox: 'instances' need FOR UPDATE SKIP LOCKED, which " +
                      connection_.dialect().name + " does not have");
    }
    Result<void> locked = lock_.take();
    if (!locked) return locked;
  }
  return learn_types();
}

/// Of the columns whose values are bound later, and of the payload.
Result<void> OutboxSource::learn_types() {
  const std::string& status = marks() ? settings_.status_column : settings_.id_column;
  Result<Statement> look =
      connection_.prepare(fmt::format("SELECT {}, {}, {} FROM {} WHERE 1 = 0", settings_.id_column,
                                      settings_.payload_column, status, settings_.table));
  if (!look) return pass_on(look);
  Result<void> executed = look->execute();
  if (!executed) return executed;
  const Result<std::int16_t> id_type = look->type_of(kIdColumn);
  const Result<std::int16_t> payload_type = look->type_of(kPayloadColumn);
  const Result<std::int16_t> status_type = look->type_of(kFirstAttribute);
  if (!id_type) return pass_on(id_type);
  if (!payload_type) return pass_on(payload_type);
  if (!status_type) return pass_on(status_type);
  id_type_ = *id_type;
  status_type_ = *status_type;
  const bool is_bytes =
      settings_.payload == Payload::bytes ||
      (settings_.payload == Payload::by_column && Statement::is_binary(*payload_type));
  payload_type_ = is_bytes ? Statement::Type::bytes : Statement::Type::text;
  look->finish();
  return connection_.commit();
}

std::string OutboxSource::condition() const {
  if (!marks()) return {};
  const bool is_null = settings_.status_pending.empty();
  return " WHERE " + settings_.status_column + (is_null ? " IS NULL" : " = ?");
}

std::string OutboxSource::select_text(std::size_t rows) const {
  std::string columns = settings_.id_column + ", " + settings_.payload_column;
  for (const std::string& column : settings_.attribute_columns) columns += ", " + column;
  const odbc::Dialect& dialect = connection_.dialect();
  const std::string limit = dialect.limits ? fmt::format(" LIMIT {}", rows)
                                           : fmt::format(" FETCH FIRST {} ROWS ONLY", rows);
  return fmt::format("SELECT {} FROM {}{} ORDER BY {}{}{}", columns, settings_.table, condition(),
                     settings_.id_column, limit,
                     dialect.skips_locked ? " FOR UPDATE SKIP LOCKED" : "");
}

Result<ReadStatus> OutboxSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  // The transaction ends with the settlement, and with it the locks of all rows.
  if (token_ != 0) return ReadStatus::idle;
  if (!connection_.is_connected()) {
    const Result<void> opened = open();
    if (!opened) return pass_on(opened);
  }
  if (context_.clock.now() < look_again_at_) wait_for_rows(wait);
  if (context_.clock.now() < look_again_at_) return ReadStatus::dry;
  Result<bool> has_rows = read_rows(batch);
  if (!has_rows) {
    let_go();
    batch.reset();
    if (has_rows.error().kind == ErrorKind::bad_record) has_rows.error().kind = ErrorKind::source;
    return pass_on(has_rows);
  }
  if (!*has_rows) {
    look_again_at_ = context_.clock.now() + settings_.poll_interval;
    return ReadStatus::dry;
  }
  batch.token = token_ = next_token_++;
  return ReadStatus::batch;
}

void OutboxSource::wait_for_rows(Milliseconds wait) {
  const auto left = std::chrono::ceil<Milliseconds>(look_again_at_ - context_.clock.now());
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, std::min(wait, left), [&] { return is_interrupted_; });
  is_interrupted_ = false;
}

Result<bool> OutboxSource::read_rows(RecordBatch& batch) {
  const std::size_t most = records_max_ == 0 ? settings_.batch_records_max
                                             : std::min(records_max_, settings_.batch_records_max);
  if (!select_ || select_rows_ != most) {
    Result<Statement> made = connection_.prepare(select_text(most));
    if (!made) return pass_on(made);
    select_ = std::move(*made);
    select_rows_ = most;
  }
  note_lag();
  std::vector<Statement::Value> values;
  if (marks() && !settings_.status_pending.empty())
    values.push_back(value_of(settings_.status_pending, status_type_));
  const Result<void> executed = select_->execute(values);
  if (!executed) return pass_on(executed);
  ids_.clear();
  batch.id_prefix = context_.name + "/";
  while (batch.bytes.size() < settings_.batch_bytes_max) {
    const Result<bool> row = select_->fetch();
    if (!row) return pass_on(row);
    if (!*row) break;
    const Result<void> read = read_row(batch);
    if (!read) return pass_on(read);
  }
  select_->finish();
  batch.ids = ids_;
  // Without row locks nothing has to be held until the rows are done: writers must not wait.
  if (ids_.empty() || !connection_.dialect().skips_locked) {
    const Result<void> ended = connection_.commit();
    if (!ended) return pass_on(ended);
  }
  return !ids_.empty();
}

Result<void> OutboxSource::read_row(RecordBatch& batch) {
  Result<std::optional<std::string>> id = select_->text(kIdColumn);
  if (!id) return pass_on(id);
  if (!*id) return fail(ErrorKind::config, "odbc-outbox: a row has no id");
  const std::size_t at = batch.bytes.size();
  const std::size_t most = settings_.payload_bytes_max;
  const Result<bool> has_payload =
      select_->append(kPayloadColumn, payload_type_, most + 1, batch.bytes);
  if (!has_payload) return pass_on(has_payload);
  const std::size_t size = std::min(batch.bytes.size() - at, most);
  const bool is_cut = batch.bytes.size() - at > most;
  batch.bytes.resize(at + size);
  Attributes attributes = {{"outbox-table", settings_.table}, {"outbox-id", **id}};
  std::uint16_t column = kFirstAttribute;
  for (const std::string& name : settings_.attribute_columns) {
    Result<std::optional<std::string>> value = select_->text(column++);
    if (!value) return pass_on(value);
    if (*value) attributes.emplace_back("outbox-" + name, std::move(**value));
  }
  if (!*has_payload) attributes.emplace_back(kFaultAttribute, "the row has no payload");
  if (is_cut)
    attributes.emplace_back(kFaultAttribute, "the row's payload is larger than payload_bytes_max");
  batch.records.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(size)});
  batch.record_attributes.push_back(std::move(attributes));
  ids_.push_back(std::move(**id));
  return {};
}

Result<void> OutboxSource::settle(const Settlement& settlement) {
  if (token_ == 0 || token_ != settlement.token) {
    return fail(ErrorKind::source, fmt::format("odbc-outbox: batch {} is not the one that is "
                                               "unsettled",
                                               settlement.token));
  }
  std::vector<std::string> done;
  std::vector<std::string> dead;
  for (std::size_t i = 0; i < settlement.fates.size(); ++i) {
    if (settlement.fates[i] == Fate::retry) continue;
    (settlement.fates[i] == Fate::dead_lettered ? dead : done).push_back(ids_[i]);
  }
  // Rows are told by their ids: also on a new connection, after the locks are gone.
  if (!connection_.is_connected()) {
    Result<void> opened = open();
    if (!opened) return opened;
  }
  Result<void> finished = finish_rows(done, settings_.status_done);
  if (finished) finished = finish_rows(dead, settings_.status_dead);
  if (finished) finished = connection_.commit();
  if (!finished) {
    let_go();
    finished.error().kind = ErrorKind::source;
    return finished;
  }
  token_ = 0;
  return {};
}

Result<void> OutboxSource::finish_rows(const std::vector<std::string>& ids,
                                       const std::string& status) {
  for (std::size_t at = 0; at < ids.size(); at += kIdsPerStatement) {
    const std::size_t count = std::min(kIdsPerStatement, ids.size() - at);
    Result<void> finished = finish_some(std::span(ids).subspan(at, count), status);
    if (!finished) return finished;
  }
  return {};
}

Result<void> OutboxSource::finish_some(std::span<const std::string> ids,
                                       const std::string& status) {
  const std::string what =
      marks() ? fmt::format("UPDATE {} SET {} = ?", settings_.table, settings_.status_column)
              : "DELETE FROM " + settings_.table;
  Result<Statement> statement = connection_.prepare(
      fmt::format("{} WHERE {} IN ({})", what, settings_.id_column, marks_of(ids.size())));
  if (!statement) return pass_on(statement);
  std::vector<Statement::Value> values;
  if (marks()) values.push_back(value_of(status, status_type_));
  for (const std::string& id : ids) values.push_back(value_of(id, id_type_));
  return statement->execute(values);
}

void OutboxSource::interrupt() {
  {
    const std::lock_guard lock(mutex_);
    is_interrupted_ = true;
  }
  woken_.notify_all();
}

void OutboxSource::let_go() {
  select_.reset();
  connection_.disconnect();
}

void OutboxSource::close() {
  let_go();
  lock_.release();
  token_ = 0;
  look_again_at_ = {};
}

/// Counting a long table takes its time: seldom.
void OutboxSource::note_lag() {
  const SteadyTime now = context_.clock.now();
  if (lag_at_ != SteadyTime{} && now - lag_at_ < kLagInterval) return;
  lag_at_ = now;
  lag_.reset();
  Result<Statement> count =
      connection_.prepare("SELECT COUNT(*) FROM " + settings_.table + condition());
  if (!count) return;
  std::vector<Statement::Value> values;
  if (marks() && !settings_.status_pending.empty())
    values.push_back(value_of(settings_.status_pending, status_type_));
  if (!count->execute(values)) return;
  const Result<bool> row = count->fetch();
  if (!row || !*row) return;
  const Result<std::optional<std::string>> text = count->text(1);
  std::int64_t rows = 0;
  if (text && *text && parse_integer(**text, rows)) lag_ = rows;
}

SourceStatus OutboxSource::status() const {
  SourceStatus status;
  if (lag_) status.lag = std::to_string(*lag_) + " rows";
  return status;
}

}  // namespace copybridge::adapters::odbc_outbox

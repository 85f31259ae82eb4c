// Inserts under a unique key, on a thread of its own, since every call may wait for the database.
#include "bridge/publishers/odbc_outbox_publisher.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bridge/odbc/connection.h"
#include "bridge/odbc/errors.h"
#include "bridge/publishers/request_worker.h"

namespace copybridge::publishers {
namespace {

using odbc::Statement;

constexpr std::size_t kBytesPerRequest = 8'000'000;

constexpr OptionSpec kOwnOptions[] = {
    {.name = "table",
     .required = true,
     .help = "The table that rows are put into, with its schema where it needs one."},
    {.name = "id_column",
     .default_value = "id",
     .help = "The column of the event's id: text, with a unique key, so that what is sent again "
             "is there once."},
    {.name = "payload_column",
     .default_value = "payload",
     .help = "The column of the body: text for JSON, bytes for records of a route with encode."},
    {.name = "key_column",
     .help = "The column of the event's key; without it the key is left out."},
    {.name = "type_column", .help = "Likewise, of its type."},
    {.name = "subject_column", .help = "Likewise, of its subject."},
    {.name = "source_column", .help = "Likewise, of its source."},
    {.name = "time_column", .help = "Likewise, of its time (RFC 3339)."},
    {.name = "attribute_columns",
     .type = OptionType::text_map,
     .help = "Columns of further attributes, COLUMN: ATTRIBUTE; NULL where an event has none."},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "500",
     .help = "Most rows of a transaction.",
     .min = 1,
     .max = 10'000},
};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = [] {
    std::vector<OptionSpec> all(std::begin(kOwnOptions), std::end(kOwnOptions));
    for (const OptionSpec& option : odbc::connection_options()) all.push_back(option);
    return all;
  }();
  return options;
}

/// A column and the part of an event that it takes.
struct Column {
  std::string name;
  std::string_view Event::*part = nullptr;
  std::string attribute;  ///< where it is no part of every event
};

struct Settings {
  odbc::ConnectionSettings connection;
  std::string table;
  std::string id_column;
  std::string payload_column;
  std::vector<Column> columns;  ///< beside those
  std::size_t events_max = 0;
};

class OdbcOutboxPublisher : public Publisher {
 public:
  explicit OdbcOutboxPublisher(Settings settings)
      : settings_(std::move(settings)), connection_(settings_.connection) {}
  ~OdbcOutboxPublisher() override { close(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override {
    worker_.start(
        port, {.handle = [this](const Request& request) { return handle(request); }, .idle = {}});
    return {};
  }
  Limits limits() const override {
    return {.events_per_request = settings_.events_max,
            .bytes_per_request = kBytesPerRequest,
            .requests_in_flight = 1,
            .keeps_order = true};
  }
  void publish(Request request) override { worker_.push(std::move(request)); }
  void close(Milliseconds limit) override {
    worker_.stop(limit);
    let_go();
  }

 private:
  Response handle(const Request& request);
  Result<void> connect();
  Result<void> prepare();
  Result<void> insert(const Event& event);
  bool has_row(std::string_view id);
  Result<void> insert_all(const Request& request);
  Response insert_each(const Request& request);
  void let_go() {
    insert_.reset();
    connection_.disconnect();
  }
  /// The whole request gets the outcome that the error stands for.
  Response failed(const Error& error);
  [[nodiscard]] std::string insert_text() const;

  const Settings settings_;
  odbc::Connection connection_;
  std::optional<Statement> insert_;
  std::int16_t payload_type_ = 0;
  std::vector<std::int16_t> column_types_;
  RequestWorker worker_;
};

std::string OdbcOutboxPublisher::insert_text() const {
  std::string names = settings_.id_column + ", " + settings_.payload_column;
  std::string marks = "?, ?";
  for (const Column& column : settings_.columns) {
    names += ", " + column.name;
    marks += ", ?";
  }
  std::string text = fmt::format("INSERT INTO {} ({}) VALUES ({})", settings_.table, names, marks);
  if (connection_.dialect().ignores_conflicts)
    text += fmt::format(" ON CONFLICT ({}) DO NOTHING", settings_.id_column);
  return text;
}

Result<void> OdbcOutboxPublisher::connect() {
  if (connection_.is_connected()) return {};
  Result<void> connected = connection_.connect();
  if (connected) connected = prepare();
  if (!connected) let_go();
  return connected;
}

Result<void> OdbcOutboxPublisher::prepare() {
  // Columns take values of their own types: a driver's guess may be no type that they take.
  std::string names = settings_.payload_column;
  for (const Column& column : settings_.columns) names += ", " + column.name;
  Result<Statement> look =
      connection_.prepare(fmt::format("SELECT {} FROM {} WHERE 1 = 0", names, settings_.table));
  if (!look) return pass_on(look);
  Result<void> executed = look->execute();
  if (!executed) return executed;
  column_types_.clear();
  const auto columns = static_cast<std::uint16_t>(settings_.columns.size() + 1);
  for (std::uint16_t at = 1; at <= columns; ++at) {
    const Result<std::int16_t> type = look->type_of(at);
    if (!type) return pass_on(type);
    if (at == 1) {
      payload_type_ = *type;
    } else {
      column_types_.push_back(*type);
    }
  }
  look->finish();
  Result<Statement> made = connection_.prepare(insert_text());
  if (!made) return pass_on(made);
  insert_ = std::move(*made);
  return connection_.commit();
}

std::string_view value_in(const Event& event, const Column& column) {
  if (column.part != nullptr) return event.*column.part;
  if (column.attribute == "traceparent") return event.traceparent;
  if (column.attribute == "tracestate") return event.tracestate;
  for (const Attribute& attribute : event.extensions)
    if (attribute.name == column.attribute) return attribute.value;
  return {};
}

Result<void> OdbcOutboxPublisher::insert(const Event& event) {
  const bool is_bytes = Statement::is_binary(payload_type_);
  std::vector<Statement::Value> values = {
      {.text = event.id},
      {.text = event.body,
       .type = is_bytes ? Statement::Type::bytes : Statement::Type::text,
       .sql_type = payload_type_}};
  for (std::size_t i = 0; i < settings_.columns.size(); ++i) {
    const std::string_view text = value_in(event, settings_.columns[i]);
    values.push_back(
        {.text = text.empty() ? std::nullopt : std::optional(text), .sql_type = column_types_[i]});
  }
  Result<void> inserted = insert_->execute(values);
  const bool is_known = !inserted && !connection_.dialect().ignores_conflicts &&
                        odbc::is_duplicate(inserted.error()) && has_row(event.id);
  if (is_known) return {};
  return inserted;
}

/// Whether a key that is there is the event's, so that the row was sent before.
bool OdbcOutboxPublisher::has_row(std::string_view id) {
  Result<Statement> look = connection_.prepare(fmt::format(
      "SELECT {} FROM {} WHERE {} = ?", settings_.id_column, settings_.table, settings_.id_column));
  if (!look) return false;
  const Statement::Value value{.text = id};
  if (!look->execute({&value, 1})) return false;
  const Result<bool> found = look->fetch();
  return found && *found;
}

Result<void> OdbcOutboxPublisher::insert_all(const Request& request) {
  for (const Event* event : request.events) {
    Result<void> inserted = insert(*event);
    if (!inserted) return inserted;
  }
  return connection_.commit();
}

/// One transaction each, so that the rows that the database refuses are known from their
/// neighbours.
Response OdbcOutboxPublisher::insert_each(const Request& request) {
  Response response;
  for (const Event* event : request.events) {
    Result<void> inserted = insert(*event);
    if (inserted) inserted = connection_.commit();
    if (inserted) {
      response.outcomes.push_back(Outcome::accepted);
      continue;
    }
    // What is committed is found by its id when it is sent again.
    if (inserted.error().kind != ErrorKind::bad_record) return failed(inserted.error());
    connection_.roll_back();
    response.outcomes.push_back(Outcome::permanent);
    if (response.reason.empty()) response.reason = inserted.error().message;
  }
  return response;
}

Response OdbcOutboxPublisher::failed(const Error& error) {
  let_go();
  const bool is_config = error.kind == ErrorKind::config;
  return {.outcomes = {is_config ? Outcome::refused : Outcome::retry}, .reason = error.message};
}

Response OdbcOutboxPublisher::handle(const Request& request) {
  if (const Result<void> connected = connect(); !connected) return failed(connected.error());
  const Result<void> inserted = insert_all(request);
  if (inserted) return {.outcomes = {Outcome::accepted}};
  if (inserted.error().kind != ErrorKind::bad_record) return failed(inserted.error());
  connection_.roll_back();
  return insert_each(request);
}

void read_columns(const Options& options, Settings& settings, Diagnostics& diagnostics) {
  constexpr std::pair<std::string_view, std::string_view Event::*> kParts[] = {
      {"key_column", &Event::key},
      {"type_column", &Event::type},
      {"subject_column", &Event::subject},
      {"source_column", &Event::source},
      {"time_column", &Event::time}};
  for (const auto& [option, part] : kParts) {
    if (!options.is_given(option)) continue;
    odbc::check_name(options, option, diagnostics);
    settings.columns.push_back({options.text(option), part, {}});
  }
  for (const auto& [column, attribute] : options.map("attribute_columns")) {
    if (!odbc::is_name(column)) {
      diagnostics.error(options.where("attribute_columns"), "'" + column + "' is no name of SQL");
    }
    settings.columns.push_back({column, nullptr, attribute});
  }
}

std::unique_ptr<Publisher> make(const PublisherContext& /*context*/, const Options& options,
                                Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Settings settings;
  settings.connection = odbc::read_connection(options, diagnostics);
  for (const std::string_view name : {"table", "id_column", "payload_column"})
    odbc::check_name(options, name, diagnostics);
  settings.table = options.text("table");
  settings.id_column = options.text("id_column");
  settings.payload_column = options.text("payload_column");
  read_columns(options, settings, diagnostics);
  settings.events_max = static_cast<std::size_t>(options.integer("batch_events_max"));
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<OdbcOutboxPublisher>(std::move(settings));
}

}  // namespace

const PublisherKind kOdbcOutboxPublisher = {
    "odbc-outbox",
    "Puts events into a table of a database, each request a transaction, through the ODBC driver "
    "of your installation.",
    all_options(), make};

}  // namespace copybridge::publishers

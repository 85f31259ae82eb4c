// The options of odbc-outbox.
#include "adapters/odbc_outbox/settings.h"

namespace copybridge::adapters::odbc_outbox {
namespace {

constexpr OptionSpec kOwnOptions[] = {
    {.name = "table",
     .required = true,
     .help = "The outbox table, with its schema where it needs one."},
    {.name = "id_column",
     .default_value = "id",
     .help = "Its key: unique, and rising in the order that rows are to be sent in."},
    {.name = "payload_column", .default_value = "payload", .help = "The record."},
    {.name = "payload",
     .type = OptionType::choice,
     .default_value = "auto",
     .help = "bytes is a record as it is, text a text as UTF-8; auto is by the column's type.",
     .choices = "auto|bytes|text"},
    {.name = "attribute_columns",
     .type = OptionType::text_list,
     .help = "Columns whose text is an attribute of the record, outbox-COLUMN."},
    {.name = "after",
     .type = OptionType::choice,
     .default_value = "delete",
     .help = "What becomes of rows that are delivered, filtered or dead letters: delete, or mark "
             "under status_column.",
     .choices = "delete|mark"},
    {.name = "status_column",
     .help = "With after mark: the column that says whether a row is done."},
    {.name = "status_pending", .help = "Its value while a row is to be sent; without it NULL is."},
    {.name = "status_done", .help = "Its value when a row is delivered or filtered."},
    {.name = "status_dead",
     .help = "Its value when a row is a dead letter; without it that of status_done."},
    {.name = "poll_interval_ms",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "How often a table without rows to send is looked at.",
     .min = 10,
     .max = 3'600'000},
    {.name = "instances",
     .type = OptionType::integer,
     .default_value = "1",
     .help = "How many connections read the table side by side, where the database has FOR UPDATE "
             "SKIP LOCKED; for mappings without a key, whose order they would not keep.",
     .min = 1,
     .max = 64},
    {.name = "batch_records_max",
     .type = OptionType::integer,
     .default_value = "500",
     .help = "Most rows of a batch.",
     .min = 1,
     .max = 100'000},
    {.name = "batch_bytes_max",
     .type = OptionType::integer,
     .default_value = "4194304",
     .help = "Bytes a batch aims at; a single larger row still makes one.",
     .min = 1,
     .max = 256 << 20},
    {.name = "payload_bytes_max",
     .type = OptionType::integer,
     .default_value = "67108864",
     .help = "A larger payload is a dead letter, cut there.",
     .min = 1,
     .max = 1 << 30},
    {.name = "unit_age_max_ms",
     .type = OptionType::integer,
     .default_value = "60000",
     .help = "How long a batch's rows stay locked while an endpoint is away; then the transaction "
             "is rolled back once, and the table is not read until the endpoint works. 0: for "
             "ever.",
     .max = 86'400'000},
};

void read_after(const Options& options, OutboxSettings& settings, Diagnostics& diagnostics) {
  const bool is_mark = options.text("after") == "mark";
  const auto need = [&](std::string_view name) {
    if (options.is_given(name)) return;
    diagnostics.error(options.where("after"), "'after: mark' needs '" + std::string(name) + "'");
  };
  if (is_mark) {
    need("status_column");
    need("status_done");
  }
  for (const std::string_view name :
       {"status_column", "status_pending", "status_done", "status_dead"}) {
    if (is_mark || !options.is_given(name)) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' needs 'after: mark'");
  }
  settings.status_column = options.text("status_column");
  settings.status_pending = options.text("status_pending");
  settings.status_done = options.text("status_done");
  settings.status_dead =
      options.is_given("status_dead") ? options.text("status_dead") : settings.status_done;
  if (!is_mark) return;
  for (const std::string_view name : {"status_done", "status_dead"}) {
    if (!options.is_given(name) || options.text(name) != settings.status_pending) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' is 'status_pending'",
                      "rows would be sent for ever");
  }
}

}  // namespace

std::span<const OptionSpec> outbox_options() {
  static const std::vector<OptionSpec> options = [] {
    std::vector<OptionSpec> all(std::begin(kOwnOptions), std::end(kOwnOptions));
    for (const OptionSpec& option : odbc::connection_options()) all.push_back(option);
    return all;
  }();
  return options;
}

OutboxSettings read_outbox(const Options& options, Diagnostics& diagnostics) {
  OutboxSettings settings;
  settings.connection = odbc::read_connection(options, diagnostics);
  for (const std::string_view name : {"table", "id_column", "payload_column", "status_column"})
    odbc::check_name(options, name, diagnostics);
  settings.table = options.text("table");
  settings.id_column = options.text("id_column");
  settings.payload_column = options.text("payload_column");
  const std::string& payload = options.text("payload");
  if (payload == "bytes") settings.payload = Payload::bytes;
  if (payload == "text") settings.payload = Payload::text;
  settings.attribute_columns = options.list("attribute_columns");
  for (const std::string& column : settings.attribute_columns) {
    if (odbc::is_name(column)) continue;
    diagnostics.error(options.where("attribute_columns"), "'" + column + "' is no name of SQL");
  }
  read_after(options, settings, diagnostics);
  settings.batch_records_max = static_cast<std::size_t>(options.integer("batch_records_max"));
  settings.batch_bytes_max = static_cast<std::size_t>(options.integer("batch_bytes_max"));
  settings.payload_bytes_max = static_cast<std::size_t>(options.integer("payload_bytes_max"));
  settings.poll_interval = Milliseconds(options.integer("poll_interval_ms"));
  settings.unit_age_max = Milliseconds(options.integer("unit_age_max_ms"));
  settings.has_instances = options.integer("instances") > 1;
  return settings;
}

}  // namespace copybridge::adapters::odbc_outbox

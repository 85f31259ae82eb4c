// `copybridge schema`: the schema of what decode prints.
#include "codecs/schema/schema.h"

#include <cstdio>
#include <memory>
#include <string>

#include "codecs/mapping/schema_source.h"
#include "tools/copybridge/choice.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/record_type.h"

namespace copybridge::cli {
namespace {

enum class Kind : std::uint8_t { none, json_schema, avro };

struct SchemaCommandOptions {
  RecordTypeOptions type;
  schema::SchemaOptions schema;
  Kind kind = Kind::none;
};

int run(SchemaCommandOptions& options) {
  const Result<RecordType> type = load_record_type(options.type);
  if (!type) return exit_code(type.error().kind);
  if (type->header != nullptr || type->trailer != nullptr)
    return refuse({ErrorKind::usage, "schema: name one record: a schema is of one", {}});
  Diagnostics diagnostics;
  // The plan finds the mistakes of rules that an outline does not look into.
  const auto plan =
      plan::Plan::compile(type->layout, type->options, type->alternatives, diagnostics);
  print_findings(diagnostics);
  if (plan == nullptr) return exit_code(ErrorKind::config);
  Diagnostics known;
  const schema::Source source = mapping::schema_source(*type->layout, type->options,
                                                       type->alternatives, type->hierarchy.get());
  const std::string text = options.kind == Kind::avro
                               ? avro::schema_text(schema::avro_type(source, options.schema, known))
                               : schema::json_schema(source, options.schema, known);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace

void add_schema(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SchemaCommandOptions>();
  CLI::App* command = app.add_subcommand("schema", "Print the schema of what decode prints");
  add_record_type_options(*command, options->type);
  command->get_option("--mapping")->expected(1);
  add_choice<Kind>(*command, "--as", options->kind,
                   {{"json-schema", Kind::json_schema}, {"avro", Kind::avro}},
                   "JSON Schema, draft 2020-12, or Avro")
      ->required();
  add_choice<schema::Level88>(
      *command, "--level-88", options->schema.level_88,
      {{"describe", schema::Level88::describe}, {"enum", schema::Level88::enumerate}},
      "Values of level-88 names: in the description, or as the only ones (default describe)");
  add_choice<bool>(*command, "--trunc", options->schema.truncates_binary,
                   {{"bin", false}, {"std", true}},
                   "Limits of BINARY and COMP: what their bytes hold, or, std, their picture "
                   "(default bin)");
  command->add_flag("--multiple-of", options->schema.decimal_multiples,
                    "multipleOf for decimals too; only for validators that compute decimally");
  command->add_option("--namespace", options->schema.name_space, "Avro: namespace of the record")
      ->type_name("NAME")
      ->check(CLI::Validator(
          [](const std::string& name) {
            return avro::is_name_space(name) ? "" : "no namespace: " + name;
          },
          ""));
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace copybridge::cli

// Files, variables, metadata services and STS.
#include "bridge/publishers/aws/key_sources.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "bridge/core/config.h"
#include "bridge/core/environment.h"
#include "bridge/core/percent.h"
#include "bridge/http/json.h"
#include "bridge/publishers/aws/xml.h"

namespace copybridge::publishers::aws {
namespace {

using FetchedKeys = Result<http::Fetched<Keys>>;

std::optional<std::string> read_text(const std::string& path) {
  std::optional<std::string> text = read_file(path);
  while (text && (text->ends_with('\n') || text->ends_with('\r'))) text->pop_back();
  return text;
}

/// From now to a time as `2026-11-23T04:05:06Z`; for ever where it cannot be read.
Milliseconds until(const std::string& time, const Clock& clock) {
  std::tm parts{};
  std::istringstream stream(time);
  stream >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
  if (stream.fail()) return Milliseconds::max();
  const WallTime end = std::chrono::system_clock::from_time_t(timegm(&parts));
  return std::max(std::chrono::duration_cast<Milliseconds>(end - clock.wall_now()),
                  Milliseconds(0));
}

FetchedKeys complete(Keys keys, Milliseconds lifetime, std::string_view where) {
  if (keys.id.empty() || keys.secret.empty()) {
    return fail(ErrorKind::peer_refused, std::string(where) + " gave no keys");
  }
  return http::Fetched<Keys>{std::move(keys), lifetime};
}

FetchedKeys read_sts(const std::string& xml, const Clock& clock) {
  return complete({.id = std::string(xml_element(xml, "AccessKeyId")),
                   .secret = std::string(xml_element(xml, "SecretAccessKey")),
                   .session_token = std::string(xml_element(xml, "SessionToken"))},
                  until(std::string(xml_element(xml, "Expiration")), clock), "STS");
}

FetchedKeys read_metadata(const std::string& json, const Clock& clock) {
  const auto text = [&](std::string_view pointer) {
    return http::json_text(json, pointer).value_or("");
  };
  return complete({.id = text("/AccessKeyId"),
                   .secret = text("/SecretAccessKey"),
                   .session_token = text("/Token")},
                  until(text("/Expiration"), clock), "the metadata service");
}

/// Sends a call and hands the body of a good answer on.
void ask(http::Client& client, http::Call call, const KeysDone& done,
         std::function<void(std::string)> then) {
  std::string label = call.label;
  client.send(std::move(call), [label = std::move(label), done,
                                then = std::move(then)](http::Answer answer) {
    if (answer.failure == http::Failure::none && answer.status / 100 == 2) {
      return then(std::move(answer.body));
    }
    const bool is_away = answer.failure != http::Failure::none || answer.status / 100 == 5;
    const std::string what = answer.failure == http::Failure::none
                                 ? fmt::format("answered {}", answer.status)
                                 : answer.message;
    done(fail(is_away ? ErrorKind::peer_away : ErrorKind::peer_refused, label + ": " + what));
  });
}

http::Call local_call(std::string method, std::string url, std::string label) {
  http::Call call;
  call.method = std::move(method);
  call.url = std::move(url);
  call.label = std::move(label);
  call.is_local = true;
  return call;
}

http::Call sts_call(const std::string& region, std::string body) {
  http::Call call;
  const std::string other = variable("AWS_ENDPOINT_URL_STS");
  call.url = other.empty() ? fmt::format("https://sts.{}.amazonaws.com/", region) : other;
  call.label = "STS";
  call.headers = {"Content-Type: application/x-www-form-urlencoded"};
  call.body = std::move(body);
  return call;
}

Result<Keys> read_profile(const std::string& path, const std::string& profile) {
  std::ifstream file(path);
  if (!file.good()) return fail(ErrorKind::config, path + " cannot be read");
  Keys keys;
  bool is_ours = false;
  for (std::string line; std::getline(file, line);) {
    std::erase_if(line, [](char character) { return character == ' ' || character == '\r'; });
    if (line.starts_with('[')) is_ours = line == "[" + profile + "]";
    const std::size_t equals = line.find('=');
    if (!is_ours || equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals);
    const std::string value = line.substr(equals + 1);
    if (name == "aws_access_key_id") keys.id = value;
    if (name == "aws_secret_access_key") keys.secret = value;
    if (name == "aws_session_token") keys.session_token = value;
  }
  if (keys.id.empty() || keys.secret.empty()) {
    return fail(ErrorKind::config, path + " has no keys of the profile " + profile);
  }
  return keys;
}

std::string credentials_file() {
  const std::string named = variable("AWS_SHARED_CREDENTIALS_FILE");
  return named.empty() ? variable("HOME") + "/.aws/credentials" : named;
}

std::string profile_name(const std::string& given) {
  if (!given.empty()) return given;
  const std::string named = variable("AWS_PROFILE");
  return named.empty() ? "default" : named;
}

/// Keys that are read again after a while: a file may have been rotated.
constexpr Milliseconds kFileLifetime{300'000};
constexpr std::string_view kContainerHost = "http://169.254.170.2";
constexpr std::string_view kInstanceHost = "http://169.254.169.254";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";

}  // namespace

KeySource static_keys(const std::string& id, const Secret& secret, const Secret& session_token) {
  return [=](http::Client&, const KeysDone& done) {
    const Result<std::string> key = secret.resolve();
    const Result<std::string> token = session_token.resolve();
    if (!key) return done(pass_on(key));
    if (!token) return done(pass_on(token));
    done(http::Fetched<Keys>{{.id = id, .secret = *key, .session_token = *token}, kFileLifetime});
  };
}

KeySource environment_keys() {
  return [](http::Client&, const KeysDone& done) {
    Keys keys{.id = variable("AWS_ACCESS_KEY_ID"),
              .secret = variable("AWS_SECRET_ACCESS_KEY"),
              .session_token = variable("AWS_SESSION_TOKEN")};
    if (keys.id.empty() || keys.secret.empty()) {
      return done(
          fail(ErrorKind::config, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set"));
    }
    done(http::Fetched<Keys>{std::move(keys)});
  };
}

KeySource profile_keys(std::string profile) {
  return [profile = std::move(profile)](http::Client&, const KeysDone& done) {
    Result<Keys> keys = read_profile(credentials_file(), profile_name(profile));
    if (!keys) return done(pass_on(keys));
    done(http::Fetched<Keys>{std::move(*keys), kFileLifetime});
  };
}

KeySource web_identity_keys(std::string region, const Clock& clock) {
  return [region = std::move(region), &clock](http::Client& client, const KeysDone& done) {
    const std::string path = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    const std::optional<std::string> token = read_text(path);
    if (!token) return done(fail(ErrorKind::config, path + " cannot be read"));
    std::string session = variable("AWS_ROLE_SESSION_NAME");
    if (session.empty()) session = "copybridge";
    ask(client,
        sts_call(region, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" +
                             percent_encoded(variable("AWS_ROLE_ARN")) +
                             "&RoleSessionName=" + percent_encoded(session) +
                             "&WebIdentityToken=" + percent_encoded(*token)),
        done, [done, &clock](const std::string& xml) { done(read_sts(xml, clock)); });
  };
}

KeySource container_keys(const Clock& clock) {
  return [&clock](http::Client& client, const KeysDone& done) {
    const std::string relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const std::string url = relative.empty() ? variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                                             : std::string(kContainerHost) + relative;
    http::Call call = local_call("GET", url, "the container's credentials");
    std::string token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    const std::string file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (!file.empty()) {
      const std::optional<std::string> text = read_text(file);
      if (!text) return done(fail(ErrorKind::config, file + " cannot be read"));
      token = *text;
    }
    if (!token.empty()) call.headers.push_back("Authorization: " + token);
    ask(client, std::move(call), done,
        [done, &clock](const std::string& json) { done(read_metadata(json, clock)); });
  };
}

KeySource instance_keys(const Clock& clock) {
  return [&clock](http::Client& client, const KeysDone& done) {
    std::string host = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (host.empty()) host = kInstanceHost;
    while (host.ends_with('/')) host.pop_back();
    const std::string label = "the metadata service";
    http::Call first = local_call("PUT", host + "/latest/api/token", label);
    first.headers = {"X-aws-ec2-metadata-token-ttl-seconds: 21600"};
    ask(client, std::move(first), done, [=, &client, &clock](const std::string& token) {
      const auto get = [=](const std::string& path) {
        http::Call call = local_call("GET", host + path, label);
        call.headers = {"X-aws-ec2-metadata-token: " + token};
        return call;
      };
      ask(client, get(std::string(kRolePath)), done,
          [=, &client, &clock](const std::string& roles) {
            const std::string role = roles.substr(0, roles.find('\n'));
            ask(client, get(std::string(kRolePath) + role), done,
                [done, &clock](const std::string& json) { done(read_metadata(json, clock)); });
          });
    });
  };
}

KeySource role_keys(const std::string& role_arn, const KeySource& own, const std::string& region,
                    const Clock& clock) {
  return [=, &clock](http::Client& client, const KeysDone& done) {
    own(client, [=, &client, &clock](const FetchedKeys& keys) {
      if (!keys) return done(pass_on(keys));
      http::Call call = sts_call(region,
                                 "Action=AssumeRole&Version=2011-06-15&RoleSessionName=copybridge"
                                 "&RoleArn=" +
                                     percent_encoded(role_arn));
      sign(call, keys->value, {.region = region, .service = "sts"}, clock.wall_now());
      ask(client, std::move(call), done,
          [done, &clock](const std::string& xml) { done(read_sts(xml, clock)); });
    });
  };
}

KeySource first_keys(const Options& options, const std::string& region, const Clock& clock) {
  if (options.is_given("access_key_id")) {
    return static_keys(options.text("access_key_id"), options.secret("secret_access_key"),
                       options.secret("session_token"));
  }
  if (!variable("AWS_ACCESS_KEY_ID").empty()) return environment_keys();
  if (!variable("AWS_WEB_IDENTITY_TOKEN_FILE").empty()) return web_identity_keys(region, clock);
  if (options.is_given("profile") || std::ifstream(credentials_file()).good()) {
    return profile_keys(options.text("profile"));
  }
  if (!variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").empty() ||
      !variable("AWS_CONTAINER_CREDENTIALS_FULL_URI").empty()) {
    return container_keys(clock);
  }
  return instance_keys(clock);
}

}  // namespace copybridge::publishers::aws

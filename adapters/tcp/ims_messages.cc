// The structures of IMS Connect, field by field.
#include "adapters/tcp/ims_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "codecs/charset/code_page.h"
#include "codecs/framing/prefix.h"

namespace copybridge::adapters::tcp {
namespace {

constexpr std::uint8_t kArchitectureOne = 0x01;   // IRM_ARCH1
constexpr std::uint8_t kPersistentSocket = 0x10;  // IRM_SOCT
constexpr std::uint8_t kCommitModeZero = 0x40;    // IRM_F2_CM0
constexpr std::uint8_t kSyncConfirm = 0x01;       // IRM_F3_SYNCNF
constexpr std::uint8_t kCancelClientId = 0x80;    // IRM_F3_CANCID
constexpr std::uint8_t kAnswerWanted = 0x20;      // CSM_FLG1
constexpr std::array<char, 4> kEndOfMessage = {0, 4, 0, 0};

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kLlzzBytes = 4;
/// LEN 0:2, FLG1 2:1, PRLVLFLG 3:1, ID 4:8.
constexpr std::size_t kCsmBytes = 12;
constexpr std::size_t kFlagsAt = 2;
constexpr std::size_t kIdAt = 4;
/// LEN 0:2, FLG1 2:1, RACFRC or OTMRSN 3:1, ID 4:8, RETCOD 12:4, RSNCOD 16:4.
constexpr std::size_t kRsmBytes = 20;
constexpr std::size_t kReturnCodeAt = 12;
constexpr std::size_t kReasonCodeAt = 16;

template <std::size_t N>
std::array<std::uint8_t, N> bytes_of(std::size_t value) {
  std::array<std::uint8_t, N> bytes{};
  for (std::size_t i = 0; i < N; ++i)
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * (N - 1 - i)));
  return bytes;
}

Result<ImsName> name(const charset::CodePage& page, std::string_view text, std::string_view what) {
  const Result<std::string> blank = page.from_utf8(" ");
  if (!blank) return pass_on(blank);
  const Result<std::string> coded = page.from_utf8(text);
  if (!coded || coded->size() > ImsName().size()) {
    return fail(
        ErrorKind::config,
        fmt::format("tcp: {} has at most 8 characters, all of them in {}", what, page.name()));
  }
  ImsName bytes;
  bytes.fill(static_cast<std::uint8_t>(blank->front()));
  std::ranges::copy(*coded, bytes.begin());
  return bytes;
}

/// The fields that every message of the client has.
Result<Irm> common_part(const ImsSettings& settings, const charset::CodePage& page) {
  Irm irm;
  irm.irm_soct = kPersistentSocket;
  irm.irm_f2 = kCommitModeZero;
  irm.irm_f3 = kSyncConfirm;
  std::string password;
  if (!settings.password.is_empty()) {
    Result<std::string> resolved = settings.password.resolve();
    if (!resolved) return pass_on(resolved);
    password = std::move(*resolved);
  }
  struct Field {
    ImsName& to;
    std::string_view text;
    std::string_view what;
  };
  for (const Field& field :
       {Field{irm.irm_id, settings.exit_id, "ims_exit"},
        Field{irm.irm_clientid, settings.client_id, "ims_client_id"},
        Field{irm.irm_trncod, {}, "no transaction"},
        Field{irm.irm_imsdestid, settings.datastore, "ims_datastore"},
        Field{irm.irm_lterm, {}, "no LTERM"}, Field{irm.irm_racf_userid, settings.user, "ims_user"},
        Field{irm.irm_racf_grpname, settings.group, "ims_group"},
        Field{irm.irm_racf_pw, password, "ims_password"},
        Field{irm.irm_appl_nm, settings.application, "ims_application"},
        Field{irm.irm_rerout_nm, settings.tpipe, "ims_tpipe"},
        Field{irm.irm_rt_altcid, settings.tpipe, "ims_tpipe"}}) {
    Result<ImsName> coded = name(page, field.text, field.what);
    if (!coded) return pass_on(coded);
    field.to = *coded;
  }
  return irm;
}

std::string message(Irm irm, bool is_level_one) {
  const std::size_t size = is_level_one ? sizeof(Irm) : kIrmBaseBytes;
  irm.irm_arch = is_level_one ? kArchitectureOne : 0;
  irm.irm_len = bytes_of<2>(size - kLengthBytes);
  irm.llll = bytes_of<4>(size + kEndOfMessage.size());
  std::string bytes(reinterpret_cast<const char*>(&irm), size);
  bytes.append(kEndOfMessage.data(), kEndOfMessage.size());
  return bytes;
}

bool has_id(ByteView structure, std::size_t least, const ImsName& id) {
  return structure.size() >= least && std::ranges::equal(structure.subspan(kIdAt, id.size()), id);
}

std::string_view meaning(std::uint32_t return_code, std::uint32_t reason_code) {
  constexpr std::uint32_t kDuplicateClient = 56;
  constexpr std::uint32_t kSecurity = 40;
  switch (return_code) {
    case 4:
      return "the message exit refuses the request";
    case 8:
      if (reason_code == kDuplicateClient) return "the client id is in use";
      if (reason_code == kSecurity) return "access is denied";
      return "IMS Connect has found a mistake";
    case 12:
      return "OTMA refuses the request";
    case 16:
      return "an OTMA sense code";
    case 32:
    case 36:
      return "IRM_TIMER has run out, and IMS Connect disconnects";
    case kImsTimedOut:
      return "IRM_TIMER has run out";
    default:
      return "see IBM's return codes of HWSSMPL1";
  }
}

}  // namespace

std::uint32_t ims_length(ByteView four) {
  return framing::read_number(four.first(kLengthBytes), false);
}

std::uint8_t irm_timer(Milliseconds wait) {
  // The codes from `first` on stand for waits from `least` on, in steps.
  struct Range {
    std::int64_t most;
    std::int64_t least;
    std::int64_t step;
    std::int64_t first;
  };
  constexpr std::array<Range, 4> kRanges = {{{250, 10, 10, 0x01},
                                             {950, 300, 50, 0x1A},
                                             {60'000, 1000, 1000, 0x28},
                                             {3'600'000, 60'000, 60'000, 0x63}}};
  constexpr std::uint8_t kForEver = 0xFF;
  const std::int64_t ms = wait.count();
  if (ms == 0) return kForEver;
  const auto* const range =
      std::ranges::find_if(kRanges, [&](const Range& one) { return ms <= one.most; });
  if (range == kRanges.end()) return kForEver;
  const std::int64_t over = std::max<std::int64_t>(ms - range->least, 0);
  return static_cast<std::uint8_t>(range->first + (over + range->step - 1) / range->step);
}

Result<ImsVocabulary> make_vocabulary(const ImsSettings& settings) {
  const Result<std::shared_ptr<const charset::CodePage>> page =
      charset::CodePage::load(settings.code_page);
  if (!page) return pass_on(page);
  Result<Irm> common = common_part(settings, **page);
  if (!common) return pass_on(common);
  const Result<ImsName> csm = name(**page, "*CSMOKY*", "CSM_ID");
  if (!csm) return pass_on(csm);
  const Result<ImsName> rsm = name(**page, "*REQSTS*", "RSM_ID");
  if (!rsm) return pass_on(rsm);
  const bool is_level_one = !settings.tpipe.empty() || !settings.application.empty();
  const auto with = [&](ImsRequest request, std::uint8_t timer) {
    common->irm_f4 = static_cast<std::uint8_t>((*page)->byte_of(static_cast<char>(request)));
    common->irm_timer = timer;
    return message(*common, is_level_one);
  };
  // One message only: no time-out is told behind its answer, and the next is asked for at once.
  const std::uint8_t timer = irm_timer(settings.timer);
  const bool is_single =
      settings.retrieval == ImsRetrieval::single || settings.retrieval == ImsRetrieval::single_wait;
  const std::uint8_t answer_timer = is_single ? kIrmTimerNone : timer;
  ImsVocabulary words;
  words.csm_id = *csm;
  words.rsm_id = *rsm;
  words.refusal = with(ImsRequest::refuse, answer_timer);
  words.acknowledgement = with(ImsRequest::acknowledge, answer_timer);
  common->irm_f5 = static_cast<std::uint8_t>(settings.retrieval);
  words.resume = with(ImsRequest::resume_tpipe, timer);
  if (is_single) words.acknowledgement += words.resume;
  if (settings.takes_over) common->irm_f3 |= kCancelClientId;
  words.first_resume = with(ImsRequest::resume_tpipe, timer);
  return words;
}

Result<ImsMessage> parse_ims_message(ByteView message, const ImsVocabulary& vocabulary) {
  ImsMessage parsed;
  for (ByteView rest = message.subspan(kLengthBytes); !rest.empty();) {
    const std::size_t size =
        rest.size() < kLlzzBytes ? 0 : framing::read_number(rest.first(2), false);
    if (size < kLlzzBytes || size > rest.size()) {
      return fail(ErrorKind::framing,
                  fmt::format("tcp: byte {} of a message of {}: LL is {}, and {} bytes are left",
                              message.size() - rest.size(), message.size(), size, rest.size()));
    }
    parsed.segments.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  const ByteView last = parsed.segments.empty() ? ByteView() : parsed.segments.back();
  if (last.size() == kCsmBytes && has_id(last, kCsmBytes, vocabulary.csm_id)) {
    parsed.wants_answer = (last[kFlagsAt] & kAnswerWanted) != 0;
    parsed.segments.pop_back();
    return parsed;
  }
  if (parsed.segments.size() == 1 && has_id(last, kRsmBytes, vocabulary.rsm_id)) {
    parsed.kind = ImsMessage::Kind::status;
    parsed.return_code = framing::read_number(last.subspan(kReturnCodeAt, 4), false);
    parsed.reason_code = framing::read_number(last.subspan(kReasonCodeAt, 4), false);
    parsed.segments.clear();
    return parsed;
  }
  return fail(ErrorKind::framing,
              fmt::format("tcp: a message of {} bytes does not end with *CSMOKY* and is no "
                          "*REQSTS*; is the exit HWSSMPL1, and ims_codepage the client's?",
                          message.size()));
}

std::string describe_ims_status(const ImsMessage& status) {
  return fmt::format("IMS Connect: return code {}, reason code {} ({})", status.return_code,
                     status.reason_code, meaning(status.return_code, status.reason_code));
}

}  // namespace copybridge::adapters::tcp

// Values of the Message Queue Interface, named as IBM names them: MQGMO_SYNCPOINT is
// gmo::kSyncpoint. Reasons are in mqi_reasons.h.
#pragma once

#include "adapters/ibm_mq/mqi_types.h"

namespace copybridge::mqi {

inline constexpr Chars<4> kBlank4{' ', ' ', ' ', ' '};
inline constexpr Chars<8> kBlank8{' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};

/// Completion codes.
namespace cc {
inline constexpr Long kOk = 0;
inline constexpr Long kWarning = 1;
inline constexpr Long kFailed = 2;
}  // namespace cc

/// MQOPEN options.
namespace oo {
inline constexpr Long kInputAsQDef = 1;
inline constexpr Long kInputShared = 2;
inline constexpr Long kInputExclusive = 4;
inline constexpr Long kBrowse = 8;
inline constexpr Long kOutput = 0x10;
inline constexpr Long kInquire = 0x20;
inline constexpr Long kSet = 0x40;
inline constexpr Long kSaveAllContext = 0x80;
inline constexpr Long kPassIdentityContext = 0x100;
inline constexpr Long kPassAllContext = 0x200;
inline constexpr Long kSetIdentityContext = 0x400;
inline constexpr Long kSetAllContext = 0x800;
inline constexpr Long kAlternateUserAuthority = 0x1000;
inline constexpr Long kFailIfQuiescing = 0x2000;
inline constexpr Long kBindOnOpen = 0x4000;
inline constexpr Long kBindNotFixed = 0x8000;
inline constexpr Long kCoOp = 0x20000;
inline constexpr Long kResolveLocalQ = 0x40000;
inline constexpr Long kNoReadAhead = 0x80000;
inline constexpr Long kReadAhead = 0x100000;
inline constexpr Long kBindOnGroup = 0x400000;
}  // namespace oo

/// MQCLOSE options.
namespace co {
inline constexpr Long kNone = 0;
inline constexpr Long kDelete = 1;
inline constexpr Long kDeletePurge = 2;
inline constexpr Long kQuiesce = 0x20;
}  // namespace co

/// MQGET options. Without one of the two syncpoint options the platform decides.
namespace gmo {
inline constexpr Long kWait = 1;
inline constexpr Long kSyncpoint = 2;
inline constexpr Long kNoSyncpoint = 4;
inline constexpr Long kSetSignal = 8;
inline constexpr Long kBrowseFirst = 0x10;
inline constexpr Long kBrowseNext = 0x20;
inline constexpr Long kAcceptTruncatedMsg = 0x40;
inline constexpr Long kMarkSkipBackout = 0x80;
inline constexpr Long kMsgUnderCursor = 0x100;
inline constexpr Long kLock = 0x200;
inline constexpr Long kUnlock = 0x400;
inline constexpr Long kBrowseMsgUnderCursor = 0x800;
inline constexpr Long kSyncpointIfPersistent = 0x1000;
inline constexpr Long kFailIfQuiescing = 0x2000;
inline constexpr Long kConvert = 0x4000;
inline constexpr Long kLogicalOrder = 0x8000;
inline constexpr Long kCompleteMsg = 0x10000;
inline constexpr Long kAllMsgsAvailable = 0x20000;
inline constexpr Long kAllSegmentsAvailable = 0x40000;
inline constexpr Long kMarkBrowseHandle = 0x100000;
inline constexpr Long kMarkBrowseCoOp = 0x200000;
inline constexpr Long kUnmarkCoOp = 0x400000;
inline constexpr Long kUnmarkHandle = 0x800000;
inline constexpr Long kUnmarkedBrowseMsg = 0x1000000;
inline constexpr Long kPropertiesForceMqrfh2 = 0x2000000;
inline constexpr Long kNoProperties = 0x4000000;
inline constexpr Long kPropertiesInHandle = 0x8000000;
inline constexpr Long kPropertiesCompatibility = 0x10000000;
}  // namespace gmo

/// What MQGET compares (MQMO).
namespace match {
inline constexpr Long kNone = 0;
inline constexpr Long kMsgId = 1;
inline constexpr Long kCorrelId = 2;
inline constexpr Long kGroupId = 4;
inline constexpr Long kMsgSeqNumber = 8;
inline constexpr Long kOffset = 0x10;
inline constexpr Long kMsgToken = 0x20;
}  // namespace match

/// MQPUT options.
namespace pmo {
inline constexpr Long kSyncpoint = 2;
inline constexpr Long kNoSyncpoint = 4;
inline constexpr Long kDefaultContext = 0x20;
inline constexpr Long kNewMsgId = 0x40;
inline constexpr Long kNewCorrelId = 0x80;
inline constexpr Long kPassIdentityContext = 0x100;
inline constexpr Long kPassAllContext = 0x200;
inline constexpr Long kSetIdentityContext = 0x400;
inline constexpr Long kSetAllContext = 0x800;
inline constexpr Long kAlternateUserAuthority = 0x1000;
inline constexpr Long kFailIfQuiescing = 0x2000;
inline constexpr Long kNoContext = 0x4000;
inline constexpr Long kLogicalOrder = 0x8000;
inline constexpr Long kAsyncResponse = 0x10000;
inline constexpr Long kSyncResponse = 0x20000;
inline constexpr Long kResolveLocalQ = 0x40000;
inline constexpr Long kMdForOutputOnly = 0x800000;
}  // namespace pmo

/// What MQPMO.Action says about the message the properties come from.
namespace actp {
inline constexpr Long kNew = 0;
inline constexpr Long kForward = 1;
inline constexpr Long kReply = 2;
inline constexpr Long kReport = 3;
}  // namespace actp

/// MQCONNX options. Without a share option a handle belongs to the thread that connected.
namespace cno {
inline constexpr Long kNone = 0;
inline constexpr Long kHandleShareNone = 0x20;
inline constexpr Long kHandleShareBlock = 0x40;
inline constexpr Long kHandleShareNoBlock = 0x80;
inline constexpr Long kLocalBinding = 0x400;
inline constexpr Long kClientBinding = 0x800;
inline constexpr Long kNoConvSharing = 0x10000;
inline constexpr Long kReconnect = 0x1000000;
inline constexpr Long kReconnectDisabled = 0x2000000;
inline constexpr Long kReconnectQMgr = 0x4000000;
}  // namespace cno

/// MQCSP.AuthenticationType.
namespace csp {
inline constexpr Long kAuthNone = 0;
inline constexpr Long kAuthUserIdAndPwd = 1;
inline constexpr Long kAuthIdToken = 2;
}  // namespace csp

namespace channel_type {
inline constexpr Long kSvrconn = 7;
inline constexpr Long kClntconn = 6;
}  // namespace channel_type

namespace transport {
inline constexpr Long kTcp = 2;
}  // namespace transport

namespace suite_b {
inline constexpr Long kNotAvailable = 0;
inline constexpr Long kNone = 1;
}  // namespace suite_b

namespace object_type {
inline constexpr Long kQ = 1;
inline constexpr Long kQMgr = 5;
inline constexpr Long kTopic = 8;
}  // namespace object_type

namespace persistence {
inline constexpr Long kNotPersistent = 0;
inline constexpr Long kPersistent = 1;
inline constexpr Long kAsQueueDef = 2;
}  // namespace persistence

namespace msg_type {
inline constexpr Long kRequest = 1;
inline constexpr Long kReply = 2;
inline constexpr Long kReport = 4;
inline constexpr Long kDatagram = 8;
}  // namespace msg_type

/// MQMD.Report: how the one who answers sets the ids of the reply.
namespace report {
inline constexpr Long kNone = 0;
inline constexpr Long kCopyMsgIdToCorrelId = 0;
inline constexpr Long kNewMsgId = 0;
inline constexpr Long kPassCorrelId = 64;
inline constexpr Long kPassMsgId = 128;
inline constexpr Long kException = 0x1000000;
inline constexpr Long kExpiration = 0x200000;
inline constexpr Long kCoa = 256;
inline constexpr Long kCod = 2048;
}  // namespace report

namespace msg_flags {
inline constexpr Long kNone = 0;
inline constexpr Long kSegmentationAllowed = 1;
inline constexpr Long kSegment = 2;
inline constexpr Long kLastSegment = 4;
inline constexpr Long kMsgInGroup = 8;
inline constexpr Long kLastMsgInGroup = 0x10;
}  // namespace msg_flags

/// Operations of MQCB and MQCTL.
namespace op {
inline constexpr Long kStart = 1;
inline constexpr Long kStartWait = 2;
inline constexpr Long kStop = 4;
inline constexpr Long kRegister = 0x100;
inline constexpr Long kDeregister = 0x200;
inline constexpr Long kSuspend = 0x10000;
inline constexpr Long kResume = 0x20000;
}  // namespace op

/// MQCBD.CallbackType.
namespace cbt {
inline constexpr Long kMessageConsumer = 1;
inline constexpr Long kEventHandler = 2;
}  // namespace cbt

/// MQCBD.Options.
namespace cbdo {
inline constexpr Long kNone = 0;
inline constexpr Long kStartCall = 1;
inline constexpr Long kStopCall = 4;
inline constexpr Long kRegisterCall = 256;
inline constexpr Long kDeregisterCall = 512;
inline constexpr Long kFailIfQuiescing = 0x2000;
inline constexpr Long kEventCall = 0x4000;
}  // namespace cbdo

/// MQCBC.CallType.
namespace cbct {
inline constexpr Long kStartCall = 1;
inline constexpr Long kStopCall = 2;
inline constexpr Long kRegisterCall = 3;
inline constexpr Long kDeregisterCall = 4;
inline constexpr Long kEventCall = 5;
inline constexpr Long kMsgRemoved = 6;
inline constexpr Long kMsgNotRemoved = 7;
}  // namespace cbct

/// MQCBC.State.
namespace cs {
inline constexpr Long kNone = 0;
inline constexpr Long kSuspendedTemporary = 1;
inline constexpr Long kSuspendedUserAction = 2;
inline constexpr Long kSuspended = 3;
inline constexpr Long kStopped = 4;
}  // namespace cs

/// Types of property values (MQTYPE).
namespace property {
inline constexpr Long kNull = 2;
inline constexpr Long kBoolean = 4;
inline constexpr Long kByteString = 8;
inline constexpr Long kInt8 = 0x10;
inline constexpr Long kInt16 = 0x20;
inline constexpr Long kInt32 = 0x40;
inline constexpr Long kInt64 = 0x80;
inline constexpr Long kFloat32 = 0x100;
inline constexpr Long kFloat64 = 0x200;
inline constexpr Long kString = 0x400;
}  // namespace property

/// MQINQMP options.
namespace impo {
inline constexpr Long kInqFirst = 0;
inline constexpr Long kConvertType = 2;
inline constexpr Long kQueryLength = 4;
inline constexpr Long kInqNext = 8;
inline constexpr Long kInqPropUnderCursor = 0x10;
inline constexpr Long kConvertValue = 0x20;
}  // namespace impo

/// MQSMPO options.
namespace smpo {
inline constexpr Long kSetFirst = 0;
inline constexpr Long kSetPropUnderCursor = 1;
inline constexpr Long kSetPropAfterCursor = 2;
inline constexpr Long kAppendProperty = 4;
inline constexpr Long kSetPropBeforeCursor = 8;
}  // namespace smpo

/// Property descriptors.
namespace pd {
inline constexpr Long kNoContext = 0;
inline constexpr Long kUserContext = 1;
inline constexpr Long kSupportOptional = 1;
inline constexpr Long kCopyDefault = 22;
}  // namespace pd

/// Integer attributes of queues and queue managers.
namespace ia {
inline constexpr Long kCodedCharSetId = 2;
inline constexpr Long kCurrentQDepth = 3;
inline constexpr Long kDefPersistence = 5;
inline constexpr Long kHardenGetBackout = 8;
inline constexpr Long kInhibitGet = 9;
inline constexpr Long kInhibitPut = 10;
inline constexpr Long kMaxMsgLength = 13;
inline constexpr Long kMaxQDepth = 15;
inline constexpr Long kMsgDeliverySequence = 16;
inline constexpr Long kOpenInputCount = 17;
inline constexpr Long kOpenOutputCount = 18;
inline constexpr Long kQType = 20;
inline constexpr Long kBackoutThreshold = 22;
inline constexpr Long kShareability = 23;
inline constexpr Long kSyncpoint = 30;
inline constexpr Long kCommandLevel = 31;
inline constexpr Long kPlatform = 32;
inline constexpr Long kMaxUncommittedMsgs = 33;
inline constexpr Long kIndexType = 57;
inline constexpr Long kPropertyControl = 190;
inline constexpr Long kFirst = 1;
inline constexpr Long kLast = 2000;
}  // namespace ia

/// Character attributes.
namespace ca {
inline constexpr Long kDeadLetterQName = 2006;
inline constexpr Long kQDesc = 2013;
inline constexpr Long kQMgrDesc = 2014;
inline constexpr Long kQMgrName = 2015;
inline constexpr Long kQName = 2016;
inline constexpr Long kBackoutReqQName = 2019;
inline constexpr Long kQMgrIdentifier = 2032;
inline constexpr Long kFirst = 2001;
inline constexpr Long kLast = 4000;
}  // namespace ca

namespace platform {
inline constexpr Long kZos = 1;
inline constexpr Long kUnix = 3;
inline constexpr Long kOs400 = 4;
inline constexpr Long kWindows = 11;
inline constexpr Long kAppliance = 28;
}  // namespace platform

namespace q_type {
inline constexpr Long kLocal = 1;
inline constexpr Long kModel = 2;
inline constexpr Long kAlias = 3;
inline constexpr Long kRemote = 6;
inline constexpr Long kCluster = 7;
}  // namespace q_type

/// The sum of how integers, packed decimals and floats are laid out.
namespace encoding {
inline constexpr Long kIntegerMask = 0xf;
inline constexpr Long kIntegerNormal = 1;
inline constexpr Long kIntegerReversed = 2;
inline constexpr Long kDecimalMask = 0xf0;
inline constexpr Long kDecimalNormal = 0x10;
inline constexpr Long kDecimalReversed = 0x20;
inline constexpr Long kFloatMask = 0xf00;
inline constexpr Long kFloatIeeeNormal = 0x100;
inline constexpr Long kFloatIeeeReversed = 0x200;
inline constexpr Long kFloatS390 = 0x300;
inline constexpr Long kFloatTns = 0x400;
inline constexpr Long kNormal = 273;
inline constexpr Long kReversed = 546;
inline constexpr Long kS390 = 785;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
inline constexpr Long kNative = kNormal;
#else
inline constexpr Long kNative = kReversed;
#endif
}  // namespace encoding

/// CodedCharSetId values that are no code page.
namespace ccsid {
inline constexpr Long kQMgr = 0;
inline constexpr Long kEmbedded = -1;
inline constexpr Long kInherit = -2;
inline constexpr Long kAppl = -3;
inline constexpr Long kUtf8 = 1208;
inline constexpr Long kUtf16 = 1200;
}  // namespace ccsid

/// MQCIH.UOWControl.
namespace uow {
inline constexpr Long kContinue = 0x10000;
inline constexpr Long kFirst = 17;
inline constexpr Long kMiddle = 16;
inline constexpr Long kLast = 272;
inline constexpr Long kOnly = 273;
inline constexpr Long kCommit = 256;
inline constexpr Long kBackout = 4352;
}  // namespace uow

/// Kinds of programs that put (MQMD.PutApplType).
namespace at {
inline constexpr Long kNoContext = 0;
inline constexpr Long kCics = 1;
inline constexpr Long kZos = 2;
inline constexpr Long kIms = 3;
inline constexpr Long kUnix = 6;
inline constexpr Long kQmgr = 7;
inline constexpr Long kOs400 = 8;
inline constexpr Long kWindowsNt = 11;
inline constexpr Long kCicsBridge = 21;
inline constexpr Long kJava = 28;
}  // namespace at

/// MQMD.Format and the Format of each header: what follows it.
namespace format {
inline constexpr FormatName kNone{' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
inline constexpr FormatName kString{'M', 'Q', 'S', 'T', 'R', ' ', ' ', ' '};
inline constexpr FormatName kRfHeader1{'M', 'Q', 'H', 'R', 'F', ' ', ' ', ' '};
inline constexpr FormatName kRfHeader2{'M', 'Q', 'H', 'R', 'F', '2', ' ', ' '};
inline constexpr FormatName kDeadLetterHeader{'M', 'Q', 'D', 'E', 'A', 'D', ' ', ' '};
inline constexpr FormatName kIms{'M', 'Q', 'I', 'M', 'S', ' ', ' ', ' '};
inline constexpr FormatName kImsVarString{'M', 'Q', 'I', 'M', 'S', 'V', 'S', ' '};
inline constexpr FormatName kCics{'M', 'Q', 'C', 'I', 'C', 'S', ' ', ' '};
inline constexpr FormatName kXmitQHeader{'M', 'Q', 'X', 'M', 'I', 'T', ' ', ' '};
inline constexpr FormatName kMdExtension{'M', 'Q', 'H', 'M', 'D', 'E', ' ', ' '};
inline constexpr FormatName kAdmin{'M', 'Q', 'A', 'D', 'M', 'I', 'N', ' '};
inline constexpr FormatName kPcf{'M', 'Q', 'P', 'C', 'F', ' ', ' ', ' '};
inline constexpr FormatName kEvent{'M', 'Q', 'E', 'V', 'E', 'N', 'T', ' '};
inline constexpr FormatName kDistHeader{'M', 'Q', 'H', 'D', 'I', 'S', 'T', ' '};
inline constexpr FormatName kRefMsgHeader{'M', 'Q', 'H', 'R', 'E', 'F', ' ', ' '};
inline constexpr FormatName kWorkInfoHeader{'M', 'Q', 'H', 'W', 'I', 'H', ' ', ' '};
inline constexpr FormatName kTrigger{'M', 'Q', 'T', 'R', 'I', 'G', ' ', ' '};
inline constexpr FormatName kAmqp{'M', 'Q', 'A', 'M', 'Q', 'P', ' ', ' '};
}  // namespace format

/// MQMD.CorrelId that begins a unit of work of the CICS bridge (MQCI_NEW_SESSION).
inline constexpr Id kNewSession{'A', 'M', 'Q', '!', 'N', 'E', 'W', '_', 'S', 'E', 'S', 'S',
                                'I', 'O', 'N', '_', 'C', 'O', 'R', 'R', 'E', 'L', 'I', 'D'};

inline constexpr Long kWaitUnlimited = -1;
inline constexpr Long kExpiryUnlimited = -1;

}  // namespace copybridge::mqi

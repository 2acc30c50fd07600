using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Features.Accounts;
using Holdfast.Features.ApiKeys;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Erasure;
using Holdfast.Features.Export;
using Holdfast.Features.Invitations;
using Holdfast.Features.OAuth;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Passwords;
using Holdfast.Features.Policy;
using Holdfast.Features.Recovery;
using Holdfast.Features.Reporting;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Secure;
using Holdfast.Features.Sessions;
using Holdfast.Features.Setup;
using Holdfast.Features.SignIn;
using Holdfast.Features.SignUp;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Unusual;
using Holdfast.Features.Users;
using Holdfast.Features.Webhooks;
using Holdfast.Features.Workspaces;

namespace Holdfast.Web;

/// <summary>Everything that goes through the API as JSON. Unknown and doubled properties are refused: a typing error must not be silently another wish (ASVS 1.5.3, 15.3.3).</summary>
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(RegisteredWebhookAnswer))]
[JsonSerializable(typeof(IReadOnlyList<WebhookAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<EventTypeAnswer>))]
[JsonSerializable(typeof(DeliveriesAnswer))]
[JsonSerializable(typeof(TestedWebhookAnswer))]
[JsonSerializable(typeof(SentAgainAnswer))]
[JsonSerializable(typeof(MakeApiKeyRequest))]
[JsonSerializable(typeof(MadeApiKeyAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ApiKeyAnswer>))]
[JsonSerializable(typeof(CurrentApiKeyAnswer))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SignInAnswer))]
[JsonSerializable(typeof(VerifyRequest))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(TwoFactorAnswer))]
[JsonSerializable(typeof(BegunAppAnswer))]
[JsonSerializable(typeof(ConfirmAppRequest))]
[JsonSerializable(typeof(RecoveryCodesAnswer))]
[JsonSerializable(typeof(RenameRequest))]
[JsonSerializable(typeof(TurnOffRequest))]
[JsonSerializable(typeof(IReadOnlyList<RememberedAnswer>))]
[JsonSerializable(typeof(ChallengeAnswer))]
[JsonSerializable(typeof(PasskeySignInRequest))]
[JsonSerializable(typeof(AddPasskeyRequest))]
[JsonSerializable(typeof(AddedPasskeyAnswer))]
[JsonSerializable(typeof(PasskeyListAnswer))]
[JsonSerializable(typeof(PasskeyEndpoints))]
[JsonSerializable(typeof(StepUpRequest))]
[JsonSerializable(typeof(StepUpAnswer))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(SessionListAnswer))]
[JsonSerializable(typeof(EndedAnswer))]
[JsonSerializable(typeof(EndSessionsRequest))]
[JsonSerializable(typeof(StreamOpened))]
[JsonSerializable(typeof(StreamEnded))]
[JsonSerializable(typeof(ChangePasswordRequest))]
[JsonSerializable(typeof(ChangePasswordAnswer))]
[JsonSerializable(typeof(StrengthRequest))]
[JsonSerializable(typeof(StrengthAnswer))]
[JsonSerializable(typeof(RecoveryAskRequest))]
[JsonSerializable(typeof(ResetPasswordRequest))]
[JsonSerializable(typeof(SetupRequest))]
[JsonSerializable(typeof(AccountAnswer))]
[JsonSerializable(typeof(ProfileRequest))]
[JsonSerializable(typeof(EmailChangeRequest))]
[JsonSerializable(typeof(InviteRequest))]
[JsonSerializable(typeof(InviteAnswer))]
[JsonSerializable(typeof(OpenInvitationsAnswer))]
[JsonSerializable(typeof(AcceptInvitationRequest))]
[JsonSerializable(typeof(EmailChangeAnswer))]
[JsonSerializable(typeof(MailedTokenRequest))]
[JsonSerializable(typeof(ActivityAnswer))]
[JsonSerializable(typeof(IReadOnlyList<PolicySection>))]
[JsonSerializable(typeof(WorkspaceAnswer))]
[JsonSerializable(typeof(IReadOnlyList<WorkspaceAnswer>))]
[JsonSerializable(typeof(RenameWorkspaceRequest))]
[JsonSerializable(typeof(WorkspaceTwoFactorAnswer))]
[JsonSerializable(typeof(WorkspaceTwoFactorRequest))]
[JsonSerializable(typeof(WorkspaceTwoFactorChanged))]
[JsonSerializable(typeof(IReadOnlyList<RoleAnswer>))]
[JsonSerializable(typeof(RoleRequest))]
[JsonSerializable(typeof(HandOverRequest))]
[JsonSerializable(typeof(ReportAnswer))]
[JsonSerializable(typeof(ArrivalsAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ReportedKey>))]
[JsonSerializable(typeof(UserListAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(UserEventsAnswer))]
[JsonSerializable(typeof(EditUserRequest))]
[JsonSerializable(typeof(ResetRequest))]
[JsonSerializable(typeof(ResetCaseAnswer))]
[JsonSerializable(typeof(DecisionRequest))]
[JsonSerializable(typeof(CaseListAnswer))]
[JsonSerializable(typeof(CaseAnswer))]
[JsonSerializable(typeof(DeletionAnswer))]
[JsonSerializable(typeof(DeletionPreviewAnswer))]
[JsonSerializable(typeof(DeletionRequest))]
[JsonSerializable(typeof(DeleteNowRequest))]
[JsonSerializable(typeof(ExportAnswer))]
[JsonSerializable(typeof(ErasureListAnswer))]
[JsonSerializable(typeof(ErasureAnswer))]
[JsonSerializable(typeof(CloseStepRequest))]
[JsonSerializable(typeof(SignUpRequest))]
[JsonSerializable(typeof(SignUpAnswer))]
[JsonSerializable(typeof(SignUpAgainRequest))]
[JsonSerializable(typeof(ConfirmSignUpRequest))]
[JsonSerializable(typeof(ApplicationsAnswer))]
[JsonSerializable(typeof(MemberGrantsAnswer))]
[JsonSerializable(typeof(SecureAnswer))]
[JsonSerializable(typeof(SecurePasswordRequest))]
[JsonSerializable(typeof(IReadOnlyList<UnusualAnswer>))]
[JsonSerializable(typeof(MemberUnusualAnswers))]
[JsonSerializable(typeof(IReadOnlyList<AllowedAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<ClientAnswer>))]
[JsonSerializable(typeof(ClientAnswer))]
[JsonSerializable(typeof(ClientRequest))]
[JsonSerializable(typeof(RegisteredClientAnswer))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ApiJson : JsonSerializerContext
{
    internal static void Configure(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Insert(0, Default);
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = 16;
        options.Converters.Add(new WholeMilliseconds());
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    }

    /// <summary>What is stored has no more, so the same moment reads the same in every answer.</summary>
    private sealed class WholeMilliseconds : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(System.DateTimeOffset.FromUnixTimeMilliseconds(value.ToUnixTimeMilliseconds()));
    }
}

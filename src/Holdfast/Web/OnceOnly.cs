using System.Text;
using Holdfast.Features.Passkeys;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Web;

/// <summary>
/// For forms whose answer shows a secret, which no redirect could carry: whoever reloads that answer sends the form again, and must not make a second one. Each form that is shown has an anti-forgery token of its own; it is used up here.
/// </summary>
public sealed class OnceOnly(Db db, TimeProvider clock)
{
    /// <summary>Name of the field with the anti-forgery token.</summary>
    public const string Field = "form_token";

    /// <summary>Longer than anybody leaves such a page open.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    private static readonly Refusal SentAlready = new("request.sent_already", 409);

    /// <returns>Null, or <c>request.sent_already</c> (409).</returns>
    public async Task<Refusal?> Refuse(HttpRequest request)
    {
        var form = TokenHash.Of(Encoding.UTF8.GetBytes($"form {request.Form[Field]}"));
        return await db.Write(tx => UsedChallengeTable.Use(tx, form, clock.GetUtcNow() + Remembered)) ? null : SentAlready;
    }
}

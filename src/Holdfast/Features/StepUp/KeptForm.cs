using System.Buffers.Text;
using System.Text.Json;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.StepUp;

/// <summary>What a person was about to do when a proof was asked for: where the form goes, and what they had typed, secrets aside.</summary>
public sealed record KeptAction(string Path, string What, IReadOnlyList<KeyValuePair<string, string>> Values)
{
    /// <summary>The password alone will not do for it, where a second factor is set up.</summary>
    public bool WantsSecondFactor => What is "add_app" or "confirm_app" or "remove_app" or "make_codes" or "remove_passkey" or "confirm_passkey" or "change_email" or "workspace_two_factor" or "hand_over" or "decide_case" or "was_me" or "secure_factors" or "client" or "webhook" or "delete_account" or "delete_now" or "fetch_export" or "close_step";
}

/// <summary>Keeps a form over the detour of a step-up, in a sealed cookie that only this session can use.</summary>
public sealed class KeptForm(KeyRing keys, TimeProvider clock)
{
    private const string Cookie = "__Host-holdfast-kept";
    private const int LargestCookie = 3500;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <param name="what">Resource key under <c>step_up.for.</c>: "You are about to …".</param>
    public void Keep(HttpContext context, SignedIn me, string what)
    {
        var values = context.Request.HasFormContentType
            ? context.Request.Form.Where(f => f.Key != OnceOnly.Field && !f.Key.Contains("password", StringComparison.OrdinalIgnoreCase)).SelectMany(f => f.Value.Select(v => (f.Key, v ?? "")))
            : [];
        var flat = new List<string> { clock.GetUtcNow().Add(Lifetime).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture), context.Request.Path + context.Request.QueryString, what };
        foreach (var (key, value) in values) flat.AddRange([key, value]);
        var text = Base64Url.EncodeToString(keys.Seal(Purpose(me), JsonSerializer.SerializeToUtf8Bytes([.. flat], KeptJson.Default.StringArray)));
        if (text.Length <= LargestCookie) Cookies.Set(context.Response, Cookie, text, Lifetime, SameSiteMode.Strict);
    }

    /// <summary>Null when nothing is kept for this session, or it is too old.</summary>
    public KeptAction? Look(HttpContext context, SignedIn me)
    {
        var value = Cookies.Find(context.Request, Cookie);
        if (value.IsEmpty || value.Length > LargestCookie || !Base64Url.IsValid(value)) return null;
        if (keys.Open(Purpose(me), Base64Url.DecodeFromChars(value)) is not { } json) return null;
        var flat = JsonSerializer.Deserialize(json, KeptJson.Default.StringArray)!;
        if (long.Parse(flat[0], System.Globalization.CultureInfo.InvariantCulture) < clock.GetUtcNow().ToUnixTimeMilliseconds()) return null;
        var values = new List<KeyValuePair<string, string>>();
        for (var i = 3; i + 1 < flat.Length; i += 2) values.Add(new(flat[i], flat[i + 1]));
        return new KeptAction(flat[1], flat[2], values);
    }

    public static void Forget(HttpResponse response) => Cookies.Delete(response, Cookie);

    private static string Purpose(SignedIn me) => $"kept form {me.Session.Id}";
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class KeptJson : System.Text.Json.Serialization.JsonSerializerContext;

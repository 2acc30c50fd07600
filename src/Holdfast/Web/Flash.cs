using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Secrets;

namespace Holdfast.Web;

/// <summary>What happened, said once on the next page. The words come from the resources; the cookie names them, carries numbers and names only, and is sealed: nobody else puts words there.</summary>
public sealed record Flash(string Key, string[] Args, string Tone = "ok")
{
    public static void Set(HttpResponse response, string key, params string[] args) => Set(response, new Flash(key, args));

    public static void Set(HttpResponse response, Flash flash) =>
        Cookies.Set(response, Cookies.Flash, Base64Url.EncodeToString(Keys(response.HttpContext).Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(flash, FlashJson.Default.Flash))), TimeSpan.FromMinutes(2), SameSiteMode.Strict);

    /// <summary>Takes the message and deletes it. Null when there is none, or something we did not write.</summary>
    public static Flash? Take(HttpContext context)
    {
        var value = Cookies.Find(context.Request, Cookies.Flash);
        if (value.IsEmpty || value.Length > 2000) return null;
        Cookies.Delete(context.Response, Cookies.Flash);
        return Base64Url.IsValid(value) && Keys(context).Open(Purpose, Base64Url.DecodeFromChars(value)) is { } json ? JsonSerializer.Deserialize(json, FlashJson.Default.Flash) : null;
    }

    private const string Purpose = "flash";

    private static KeyRing Keys(HttpContext context) => context.RequestServices.GetRequiredService<KeyRing>();
}

[JsonSerializable(typeof(Flash))]
internal sealed partial class FlashJson : JsonSerializerContext;

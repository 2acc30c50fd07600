using Holdfast.Texts;

namespace Holdfast.Web;

/// <summary>Chooses the language of an answer: the person's setting, else what the browser prefers, else English.</summary>
public sealed class Words
{
    public Text Of(HttpContext context) => Text.For(context.MeOrNobody()?.Account.Language ?? Wish(context.Request));

    /// <summary>What the browser asks for (RFC 9110 §12.5.4): the one it likes best of those that we have. A region is left aside: "it-CH" is Italian.</summary>
    /// <returns>Null when it asks for none of them.</returns>
    public static string? Wish(HttpRequest request)
    {
        if (request.Headers.AcceptLanguage.Count == 0) return null;
        foreach (var wish in request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1))
        {
            if (wish.Quality is 0 || wish.Value.Value?.Split('-')[0].ToLowerInvariant() is not { } language) continue;
            if (Text.Find(language) is not null) return language;
        }
        return null;
    }
}

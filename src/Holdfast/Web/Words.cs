using System.Globalization;
using Holdfast.Texts;

namespace Holdfast.Web;

/// <summary>Chooses the language of an answer: the person's setting, else what the browser prefers, else English.</summary>
public sealed class Words
{
    public Text Of(HttpContext context)
    {
        if (context.MeOrNobody()?.Account.Language is { } chosen) return Text.For(chosen);
        foreach (var wish in context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1))
        {
            var language = wish.Value.Value?.Split('-')[0];
            if (language is not null && Text.Languages.Contains(language, StringComparer.OrdinalIgnoreCase)) return Text.For(language.ToLower(CultureInfo.InvariantCulture));
        }
        return Text.English;
    }
}

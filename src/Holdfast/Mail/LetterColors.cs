using System.Globalization;

namespace Holdfast.Mail;

/// <summary>
/// The colours of buttons and links in a letter, on white and on the dark card, all with a contrast of at least 4.5 (WCAG 2.2, 1.4.3). A brand's colour is darkened or lightened
/// until it has that; one that would have to lose more than half of its light (yellow, lime, white) gives way to our own.
/// </summary>
/// <param name="Fill">Button on the light card, below white text.</param>
/// <param name="Link">Link on the light card.</param>
/// <param name="DarkFill">Button on the dark card, below dark text.</param>
/// <param name="DarkLink">Link on the dark card.</param>
public sealed record LetterColors(string Fill, string Link, string DarkFill, string DarkLink)
{
    /// <summary>WCAG 2.2, 1.4.3, for text of normal size.</summary>
    public const double LeastContrast = 4.5;

    internal const string DarkCard = "#161d21";
    internal const string DarkButtonText = "#0d1417";

    /// <summary>As drawn.</summary>
    public static readonly LetterColors Ours = new("#17617a", "#14566d", "#7ec2dd", "#86c9e3");

    /// <param name="brand"># and six hex digits; null for none.</param>
    public static LetterColors Of(string? brand)
    {
        if (brand is null) return Ours;
        for (var kept = 100; kept >= 50; kept--)
        {
            var light = Mix(brand, "#000000", kept / 100.0);
            if (Contrast(light, "#ffffff") < LeastContrast) continue;
            var dark = Lightened(brand);
            return new LetterColors(light, light, dark, dark);
        }
        return Ours;
    }

    private static string Lightened(string brand)
    {
        var kept = 100;
        string dark;
        do
        {
            dark = Mix(brand, "#ffffff", kept / 100.0);
            kept--;
        }
        while (Contrast(dark, DarkCard) < LeastContrast || Contrast(dark, DarkButtonText) < LeastContrast);
        return dark;
    }

    /// <summary>1 to 21 (WCAG 2.2, "contrast ratio").</summary>
    public static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>WCAG 2.2, "relative luminance".</summary>
    private static double Luminance(string color)
    {
        var (r, g, b) = Channels(color);
        return 0.2126 * Linear(r) + 0.7152 * Linear(g) + 0.0722 * Linear(b);

        static double Linear(int channel)
        {
            var c = channel / 255.0;
            return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
        }
    }

    private static string Mix(string color, string with, double kept)
    {
        var (r, g, b) = Channels(color);
        var (wr, wg, wb) = Channels(with);
        return string.Create(CultureInfo.InvariantCulture, $"#{Part(r, wr):x2}{Part(g, wg):x2}{Part(b, wb):x2}");

        int Part(int own, int other) => (int)Math.Round(own * kept + other * (1 - kept));
    }

    private static (int R, int G, int B) Channels(string color) => (Hex(color, 1), Hex(color, 3), Hex(color, 5));

    private static int Hex(string color, int at) => int.Parse(color.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

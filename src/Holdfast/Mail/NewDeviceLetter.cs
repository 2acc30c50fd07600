using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What the letter about a sign-in on something new tells.</summary>
/// <param name="FirstName">As the person typed it; may be empty.</param>
/// <param name="Device">Such as "Chrome on Windows".</param>
/// <param name="From">Such as "Turin, Italy", for the subject; null when unknown, then the device stands there.</param>
/// <param name="Place">Such as "Near Turin, Italy (approximate)"; null when unknown, then left out.</param>
/// <param name="Time">From <see cref="LetterTime"/>, with the zone.</param>
/// <param name="SignedInWith">Such as "Password".</param>
/// <param name="NewCountry">The device is known, the country is not.</param>
public sealed record NewDeviceFacts(string To, string? FirstName, string Device, string? From, string? Place, string Time, string SignedInWith, bool NewCountry, NotMeLink NotMe);

/// <summary>A sign-in from a device or a country that this account was not used from before (SPEC S2, ASVS 6.3.5).</summary>
public static class NewDeviceLetter
{
    public static Letter Build(ProductSettings product, Text text, NewDeviceFacts facts)
    {
        ArgumentNullException.ThrowIfNull(product);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(facts);
        var title = facts.From is { } from ? text["letter.new_device.title.place", from] : text["letter.new_device.title.device", facts.Device];
        return LetterFrame.Build(product, text, facts.To, title, title, facts.FirstName, text["letter.new_device.preheader", facts.Time, facts.Device],
        [
            new LetterPart.Paragraph(text[facts.NewCountry ? "letter.new_device.what.country" : "letter.new_device.what", product.Name]),
            new LetterPart.Facts(
            [
                (text["letter.fact.device"], facts.Device),
                (text["letter.fact.place"], facts.Place),
                (text["letter.fact.time"], facts.Time),
                (text["letter.fact.signed_in_with"], facts.SignedInWith),
            ]),
            .. WasItYou.Parts(text, facts.NotMe),
        ]);
    }
}

using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>The last letter: everything is deleted, and who erased what.</summary>
public static class DeletionDoneLetter
{
    /// <param name="systems">Each system's name, and what it said.</param>
    /// <param name="kept">What stays, and why.</param>
    /// <param name="receipt">Address of the receipt, which stays.</param>
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, IReadOnlyList<(string Label, string? Value)> facts, IReadOnlyList<(string Label, string? Value)> systems, IReadOnlyList<string> kept, string receipt) => LetterFrame.Build(
        product, text, to, text["letter.deletion_done.title"], text["letter.deletion_done.title"], firstName, text["letter.deletion_done.preheader"],
        [
            new LetterPart.Paragraph(text["letter.deletion_done.what", product.Name]),
            new LetterPart.Facts(facts),
            new LetterPart.Paragraph(text["receipt.who"]),
            new LetterPart.Facts(systems),
            new LetterPart.Paragraph(text["receipt.kept"]),
            new LetterPart.Points(kept),
            new LetterPart.Paragraph(text["letter.deletion_done.receipt"]),
            new LetterPart.Button(text["letter.deletion_done.button"], receipt, LetterTone.Accent, null),
        ],
        text["letter.deletion_done.reason", product.Name]);
}

/// <summary>Operators hear of a system that has not acknowledged a deletion in all its tries.</summary>
public static class ErasureStuckLetter
{
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, string system, int tries, string time, string open) => LetterFrame.Build(
        product, text, to, text["letter.erasure_stuck.title", system], text["letter.erasure_stuck.title", system], firstName, text["letter.erasure_stuck.preheader"],
        [
            new LetterPart.Paragraph(text["letter.erasure_stuck.what", system, tries]),
            new LetterPart.Facts([(text["letter.fact.time"], time)]),
            new LetterPart.Paragraph(text["letter.erasure_stuck.then"]),
            new LetterPart.Button(text["letter.erasure_stuck.button"], open, LetterTone.Accent, null),
        ]);
}

/// <summary>Operators hear that a workspace has another owner, because its own was erased again after an older backup was restored.</summary>
public static class ErasureNewOwnerLetter
{
    /// <param name="heir">Name of the new owner; null when nobody there could become one.</param>
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, string workspace, string? heir, string time) => LetterFrame.Build(
        product, text, to, text["letter.erasure_new_owner.title", workspace], text["letter.erasure_new_owner.title", workspace], firstName, text["letter.erasure_new_owner.preheader"],
        [
            new LetterPart.Paragraph(text["letter.erasure_new_owner.what", workspace]),
            new LetterPart.Facts([(text["letter.fact.time"], time), (text["letter.erasure_new_owner.heir"], heir ?? text["letter.erasure_new_owner.nobody"])]),
            new LetterPart.Paragraph(text["letter.erasure_new_owner.then"]),
        ]);
}

/// <summary>A person's data is ready to be fetched.</summary>
public static class ExportReadyLetter
{
    /// <param name="lifetime">Such as "for 24 hours".</param>
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, string time, string url, string lifetime) => LetterFrame.Build(
        product, text, to, text["letter.export_ready.title"], text["letter.export_ready.title"], firstName, text["letter.export_ready.preheader"],
        [
            new LetterPart.Paragraph(text["letter.export_ready.what", product.Name]),
            new LetterPart.Facts([(text["letter.fact.asked_for"], time)]),
            new LetterPart.Paragraph(text["letter.export_ready.then"]),
            new LetterPart.Button(text["letter.export_ready.button"], url, LetterTone.Accent, lifetime),
            new LetterPart.Aside(text["letter.export_ready.else"]),
        ]);
}

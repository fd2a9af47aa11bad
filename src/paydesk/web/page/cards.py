"""The saved cards that a payer is offered, and what they agree to by saving one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paydesk.cards import CardStatus, SavedCard
from paydesk.cards.brand import BRANDS
from paydesk.checkouts.model import PageCheckout
from paydesk.languages import Language, translatable, words_of
from paydesk.web.page.promise import promise_of

NEW_CARD = "new"
_TITLES = {brand.name: brand.title for brand in BRANDS}
_NEXT_TIME = translatable("Save this card for the next time I pay {merchant}")
_LATER = translatable(
    "Your card is saved, so that {merchant} can charge it later as you agree with them."
)


@dataclass(frozen=True, slots=True)
class SavedCardView:
    """One saved card. label names it; expire is the month and year of its end.

    remove_token is empty where it can't be removed here.
    """

    value: str
    brand: str
    label: str
    expire: str
    is_chosen: bool
    is_expired: bool
    remove_token: str


@dataclass(frozen=True, slots=True)
class CardsView:
    """The saved cards of who pays, and the question whether to save another one.

    consent is the sentence of the box, which is_agreed ticks; promise is what is agreed to without
    one. An empty text is not shown.
    """

    cards: tuple[SavedCardView, ...] = ()
    is_new: bool = True
    consent: str = ""
    is_agreed: bool = False
    promise: str = ""

    @property
    def can_remove(self) -> bool:
        return any(card.remove_token for card in self.cards)


NO_CARDS = CardsView()


def cards_view(
    page: PageCheckout,
    offered: Sequence[SavedCard],
    language: Language,
    *,
    chosen: str = "",
    is_agreed: bool | None = None,
    remove_token: Callable[[str], str] = lambda _card_id: "",
) -> CardsView:
    """The view. chosen and is_agreed are what the payer had picked and ticked, if they have."""
    usable = [card.id for card in offered if card.status is CardStatus.ACTIVE]
    first = usable[0] if usable else NEW_CARD
    picked = chosen if chosen in {*usable, NEW_CARD} else first
    asks = page.asks_to_save and not page.saves_card
    return CardsView(
        cards=tuple(
            SavedCardView(
                value=card.id,
                brand=card.brand,
                label=_label(card, language),
                expire=card.expire,
                is_chosen=card.id == picked,
                is_expired=card.status is not CardStatus.ACTIVE,
                remove_token=remove_token(card.id),
            )
            for card in offered
        ),
        is_new=picked == NEW_CARD,
        consent=_said(_NEXT_TIME, page, language) if asks else "",
        is_agreed=asks if is_agreed is None else is_agreed,
        promise=_promise(page, language),
    )


def consent_to(page: PageCheckout, language: Language, *, is_agreed: bool) -> str | None:
    """The sentence by which the payer agrees to have a new card saved, None where they do not."""
    if page.saves_card:
        return _promise(page, language)
    return _said(_NEXT_TIME, page, language) if page.asks_to_save and is_agreed else None


def _promise(page: PageCheckout, language: Language) -> str:
    if not page.saves_card:
        return ""
    return promise_of(page, language) or _said(_LATER, page, language)


def _label(card: SavedCard, language: Language) -> str:
    brand = _TITLES.get(card.brand, card.brand)
    named = words_of(language).text(
        translatable("{brand} ending in {ending}"), brand=brand, ending=card.ending
    )
    return f"{card.nickname}: {named}" if card.nickname else named


def _said(sentence: str, page: PageCheckout, language: Language) -> str:
    return words_of(language).text(sentence, merchant=page.merchant_name)

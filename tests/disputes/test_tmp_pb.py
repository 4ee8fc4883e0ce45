import pytest
from django.test import Client
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.conftest import *
from tests.stages import NAMES, Stages
from disputes.models import Case
from disputes.views.acts import PAGES
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.django_db
def test_x(world, at, name):
    case=getattr(Stages(world, at), name)()
    for who in (world.buyer, world.merchant):
      for lang in ("zh-hans","en"):
        c=Client(); c.force_login(who); c.cookies["django_language"]=lang
        with CaptureQueriesContext(connection) as q:
            r=c.get(f"/disputes/{case.number}/", HTTP_ACCEPT_LANGUAGE=lang)
        assert r.status_code in (200, 302, 404), r.status_code
        assert len(q)<=15, len(q)
        if r.status_code!=200: continue
        r=c.get(f"/disputes/{case.number}/ruling/", HTTP_ACCEPT_LANGUAGE=lang)
        assert r.status_code in (200,404)
        if lang=="en": continue
        for act in PAGES:
            r=c.get(f"/disputes/{case.number}/{act}/", HTTP_ACCEPT_LANGUAGE=lang)
            assert r.status_code in (200,403), (act, r.status_code)
